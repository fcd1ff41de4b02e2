"""Why a canary cannot run, all of it judged before anything is changed; and what it says that it changes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.acls import Acl
from mirror.clients.records import Entry, Topic
from mirror.cutover.canary import look as module
from mirror.cutover.canary.canary import Canary, refused
from mirror.cutover.canary.clusters import acls_of, differences
from mirror.cutover.canary.look import Look, look
from mirror.cutover.lease import identity
from mirror.cutover.part import read
from mirror.cutover.part.judge import Producer, Seen, WideScope
from mirror.cutover.part.part import PART, SCOPE, to_json
from mirror.cutover.step import Options, Verdict, World
from settings.load import load
from settings.model import Fence, MovedSettings, Settings
from tests.unit.cutover.fence.test_kafka_users import acl, user
from tests.unit.settings.sample import raw
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal

NAME = "east-to-west-canary"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/kafka/leases/east-to-west-cutover"


def stack(**changes: object) -> Settings:
    return load(raw(**{"mirror__topics": ["orders", NAME], "mirror__groups": [".*"], **changes}))


def deployed(**patterns: str) -> dict[str, Any]:
    return {"spec": {"mirrors": [{"source": {"alias": "east"}, **patterns}]}}


class Scene:
    """A world in memory: nothing exists yet, and every topic is mirrored."""

    def __init__(self, **changes: object) -> None:
        self.journal, self.api = MemoryJournal(), MemoryApi()
        self.settings = stack(**changes)
        self.resource: dict[str, Any] = deployed()
        self.topics: dict[str, Topic] = {}
        self.entries: list[Entry] = []
        self.admin: Any = object()
        self.users = [user(acl("orders", "Write"), name="ann"), user(acl("*", "All"), name="bob")]
        self.verdict = Verdict("todo", "1 KafkaUser may write")
        self.seen = Seen([NAME, "orders"], {})

    def held_by(self, name: str) -> None:
        lease = {"holderIdentity": name, "renewTime": "2999-01-01T00:00:00.000000Z"}
        self.api.put(LEASE, {"spec": lease})

    def look(self, *accept_coupled: str) -> Look:
        source = SimpleNamespace(alias="east", access=None, topics=lambda: self.topics)
        world = SimpleNamespace(
            settings=self.settings,
            target_kubernetes=self.api,
            source_admin=self.admin,
            options=Options(),
            resource=lambda: self.resource,
            sides=lambda: SimpleNamespace(source=source, source_reader=None),
            source_access=lambda: None,
        )
        return look(cast(World, world), Canary(self.settings, "r1"), frozenset(accept_coupled))


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return prepared(Scene(), monkeypatch)


def prepared(made: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(module, "ConfigMapJournal", lambda *_: made.journal)
    monkeypatch.setattr(module, "entries", lambda *_: made.entries)
    monkeypatch.setattr(module, "source_users", lambda world: made.users)
    monkeypatch.setattr(module, "seen_by", lambda part, world: world)
    monkeypatch.setattr(
        module, "fence_step", lambda settings: SimpleNamespace(look=lambda world: made.verdict)
    )

    def seen(world: World, also: tuple[str, ...]) -> Seen:
        assert also == (NAME,)
        return made.seen

    monkeypatch.setattr(read, "read", seen)
    return made


def test_everything_that_is_missing_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = prepared(
        Scene(mirror__topics=["orders"], mirror__groups=["orders-.*"], mirror__groups_exclude=["x"]),
        monkeypatch,
    )
    scene.admin = None
    scene.entries = [Entry(0, 1, b"east-to-west-canary/r0", b"1"), Entry(1, 1, b"an order", b"{}")]
    topic, group, login, foreign = scene.look().problems
    assert topic.startswith(f"topic {NAME} is not mirrored: mirror.topics does not match it")
    assert "Add 'east-to-west-canary' to mirror.topics, run `pulumi up`" in topic
    assert group.startswith(f"group {NAME} is not mirrored: mirror.groups does not match it")
    assert login.startswith("no login may write on east: add --source-admin-config FILE")
    assert foreign == (f"topic {NAME} on east has 1 record that no canary wrote: it belongs to somebody else")


@pytest.mark.parametrize("noun", ["topic", "group"])
def test_a_stack_file_that_is_not_deployed_yet_is_told(noun: str) -> None:
    resource = deployed(**{f"{noun}sPattern": "orders,payments"})
    assert refused(Canary(stack(), "r1"), resource) == [
        f"{noun} {NAME} is mirrored by the stack file, but not by the deployed KafkaMirrorMaker2: run "
        "`pulumi up` first"
    ]
    excluded = deployed(**{f"{noun}sExcludePattern": ".*canary"})
    assert len(refused(Canary(stack(), "r1"), excluded)) == 1
    assert refused(Canary(stack(), "r1"), deployed()) == []


def test_a_canary_that_was_moved_for_good_cannot_go_there_any_more() -> None:
    moved = stack(mirror__moved={"topics": [NAME], "groups": []})
    (told,) = refused(Canary(moved, "r1"), deployed())
    assert told.startswith(f"topic {NAME} was moved to the target")


def test_a_cutover_in_progress_is_named(scene: Scene) -> None:
    scene.journal.keep(PART, SCOPE, to_json(MovedSettings(("orders",), ("readers",))))
    (told,) = scene.look().problems
    assert told.startswith("a cutover of topic orders and group readers is in progress")
    scene.journal.forget(PART, SCOPE)
    scene.journal.keep("fence", "kafka-users", {"ann": ["orders"]})
    (told,) = scene.look().problems
    assert told.startswith("a cutover of the whole mirror is in progress")


def test_a_canary_in_progress_is_rolled_back_first(scene: Scene) -> None:
    scene.journal.keep(PART, SCOPE, to_json(MovedSettings((NAME,), (NAME,))))
    found = scene.look()
    assert found.problems == []
    assert found.leftover
    assert found.changes[0].startswith("rolls back first what a canary that was killed has begun")


def test_a_promoted_mirror_and_another_operator_are_named(scene: Scene) -> None:
    scene.resource["metadata"] = {"annotations": {"region-mirror/phase": "promoted"}}
    scene.held_by("bob@elsewhere/7")
    promoted, held = scene.look().problems
    assert promoted == "the mirror is promoted: everything has been moved"
    assert held == "bob@elsewhere/7 runs a cutover or a rollback of this mirror now"


def test_the_lease_of_a_killed_run_of_this_machine_does_not_matter(scene: Scene) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    scene.held_by(f"{identity().rpartition('/')[0]}/{ended.pid}")
    assert scene.look().problems == []


def test_a_command_that_stops_every_producer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    manual = Scene(cutover__fence="manual", cutover__fence_command=["./stop"])
    (told,) = prepared(manual, monkeypatch).look().problems
    assert told.startswith("cutover.fence_command stops the producers of the whole mirror")


def test_users_that_cannot_be_fenced_and_couplings_are_told_before(scene: Scene) -> None:
    scene.verdict = Verdict("blocked", "1 user cannot be fenced: admin", "--accept-unfenced 'admin'")
    both = frozenset({NAME, "orders"})
    scene.seen = Seen(
        [NAME, "orders"],
        {"others": frozenset({NAME})},
        producers=[Producer("ann", both, frozenset())],
        scopes=[WideScope("bob", "every topic", both)],
    )
    group, producer, scope, fence = scene.look().problems
    assert group.startswith(f"group others reads {NAME} and is not named")
    assert "--accept-coupled 'ann'" in producer
    assert scope.startswith("copied user bob may write to every topic by one ACL")
    assert fence == "1 user cannot be fenced: admin: --accept-unfenced 'admin'"
    assert len(scene.look("ann").problems) == 3


def test_it_says_exactly_what_it_changes(scene: Scene) -> None:
    found = scene.look()
    assert found.problems == []
    new, fence, sync, group = found.changes
    assert new.startswith(f"writes about 35 small records to topic {NAME} on east, which it creates")
    assert fence == f"adds a deny rule for topic {NAME} to 1 KafkaUser on east until the rollback: bob"
    assert "stops the checkpoint connector of mirror east-to-west until the rollback" in sync
    assert group == f"sets the offset of group {NAME} on west, and rolls everything back"
    scene.topics[NAME] = Topic(NAME, 1, 3)
    scene.users.pop()
    again = scene.look()
    assert "creates" not in again.changes[0]
    assert again.changes[1] == f"fences nobody: no KafkaUser on east may write to topic {NAME}"


@pytest.mark.parametrize(
    ("fence", "acls", "told"),
    [
        (
            "acls",
            ["TOPIC * LITERAL User:bob * ALL ALLOW"],
            f"denies Write on topic {NAME} to everybody on east",
        ),
        (
            "acls",
            ["TOPIC orders LITERAL User:ann * WRITE ALLOW"],
            "fences nobody: no ACL on east is for topic",
        ),
        ("manual", [], "fences nobody: cutover.fence is manual"),
    ],
)
def test_it_says_what_other_fences_change(
    fence: Fence, acls: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = prepared(Scene(), monkeypatch)
    # A stack file has `acls` only for a source outside Strimzi, whose settings are longer.
    scene.settings = replace(scene.settings, cutover=replace(scene.settings.cutover, fence=fence))
    there = frozenset(Acl.of(one.split()) for one in acls)
    scene.admin = SimpleNamespace(acls=lambda access: SimpleNamespace(of_topics=lambda: there))
    found = scene.look()
    assert found.problems == []
    assert found.changes[1].startswith(told)


def test_acls_are_compared_as_a_whole() -> None:
    before = frozenset(acls_of("east", [user(acl("orders", "Write"), name="ann")]))
    fenced = user(acl("orders", "Write"), {**acl("x", "Write"), "type": "deny"}, name="ann")
    fenced["metadata"]["annotations"] = {"region-mirror/fence.m": "[]"}
    after = frozenset(acls_of("east", [fenced], "m"))
    added = differences(before, after)
    assert [one.split(": ")[:2] for one in added] == [["added", "KafkaUser ann on east"]] * 2
    assert differences(after, before) == [one.replace("added", "removed") for one in added]
    assert differences(before, before) == []
