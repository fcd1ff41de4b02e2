"""Which part a command means: another one in progress is named, and the same command again continues."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MOVED, STATES_BEFORE
from mirror.cutover.earlier_mirror import OF_EARLIER_MIRROR, forget_earlier_mirror
from mirror.cutover.fence.acls import AclFence
from mirror.cutover.fence.manual import ManualFence
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.part import read
from mirror.cutover.part.choose import chosen, claim, completed, in_progress
from mirror.cutover.part.judge import Asked, Producer, Seen
from mirror.cutover.part.part import PART, SCOPE, Part, to_json
from mirror.cutover.promoted_ends.journal_entries import KEY, STEP
from mirror.cutover.step import World
from mirror.problems import CouldNotRun
from settings.model import MovedSettings
from tests.unit.settings.sample import settings
from tests.unit.support.memory_journal import MemoryJournal

ORDERS = MovedSettings(("orders",), ("readers",))
SEEN = Seen(["orders", "payments"], {"readers": frozenset({"orders"})})


class Scene:
    """What the KafkaMirrorMaker2 is annotated with, and what the journal keeps."""

    def __init__(self, **changes: object) -> None:
        self.annotations: dict[str, str] = {}
        self.journal = MemoryJournal()
        self.world = cast(
            World,
            SimpleNamespace(
                settings=settings(**changes),
                resource=lambda: {"metadata": {"annotations": self.annotations}},
            ),
        )

    def began(self, scope: MovedSettings = ORDERS) -> None:
        self.journal.keep(PART, SCOPE, to_json(scope))

    def moved(self, scope: MovedSettings = ORDERS) -> None:
        self.annotations[MOVED] = json.dumps(to_json(scope))

    def chosen(self, *topics: str, groups: tuple[str, ...] = ()) -> Any:
        return chosen(self.world, Asked(topics, groups), self.journal)[0]

    def refused(self, *topics: str, groups: tuple[str, ...] = ()) -> str:
        with pytest.raises(CouldNotRun) as raised:
            self.chosen(*topics, groups=groups)
        return str(raised.value)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(read, "read", lambda world: SEEN)
    return Scene()


def test_another_part_is_refused_while_one_is_in_progress_and_both_are_named(scene: Scene) -> None:
    scene.began()
    for asked in (("payments",), ("orders", "payments")):
        told = scene.refused(*asked)
        assert f"moving topic{'s' * (len(asked) > 1)} {', '.join(asked)}" in told
        assert "a cutover of topic orders and group readers is in progress" in told
        assert "`region-mirror cutover --topic orders --group readers`" in told
    assert "moving topic orders and group others" in scene.refused("orders", groups=("others",))
    assert "moving the whole mirror" in scene.refused()


def test_with_the_lease_it_is_judged_again(scene: Scene) -> None:
    part = scene.chosen("orders")
    scene.began(MovedSettings(("payments",)))
    for other in (part, None):
        with pytest.raises(CouldNotRun, match="a cutover of topic payments is in progress"):
            claim(scene.world, other, scene.journal)
    scene.began()
    claim(scene.world, part, scene.journal)


def test_a_whole_cutover_forgets_the_completed_part_only(scene: Scene) -> None:
    scene.journal.keep("fence", "kafka-users", {"ann": ["orders"]})
    scene.began()
    scene.moved()
    claim(scene.world, None, scene.journal)
    assert scene.journal.content == {("fence", "kafka-users"): {"ann": ["orders"]}}


def test_a_part_is_refused_while_the_whole_mirror_is_moved_or_was(scene: Scene) -> None:
    scene.journal.keep("fence", "kafka-users", {"ann": ["orders"]})
    assert "a cutover of the whole mirror is in progress" in scene.refused("orders")
    scene.journal.content.clear()
    scene.annotations[STATES_BEFORE] = "{}"
    assert "a cutover of the whole mirror is in progress" in scene.refused("orders")
    scene.annotations[STATES_BEFORE] = '{"source connector": "running"}'
    assert "undo it with `region-mirror failover rollback`" in scene.refused("orders")
    scene.annotations["region-mirror/phase"] = "promoted"
    assert "everything has been moved" in scene.refused("orders")


def test_the_journal_of_an_earlier_mirror_is_no_cutover_in_progress(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a way home: "complete it with `region-mirror cutover`" would have moved the whole mirror."""
    held: list[str] = []
    monkeypatch.setattr(StrimziFence, "remains", lambda *_: held)
    scene.journal.keep("fence", "kafka-users", {"ann": ["orders"]})
    scene.journal.keep("stop-producers", "replicas", {"Deployment shop/writer": 3})
    scene.journal.keep(STEP, KEY, {"orders": [5]})
    assert scene.chosen("orders").scope.topics == ("orders",)
    held.append("ann")
    told = scene.refused("orders")
    assert "the fence of an earlier mirror of this name still holds ann" in told
    assert "is in progress" not in told
    scene.annotations[STATES_BEFORE] = "{}"
    assert "a cutover of the whole mirror is in progress" in scene.refused("orders")


def test_nor_is_it_after_a_first_run_has_forgotten_the_rest_of_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was blocked by its preflight, say: the fence's entry was all that was left of the earlier mirror."""
    held: list[str] = []
    monkeypatch.setattr(StrimziFence, "remains", lambda *_: held)
    scene.journal.keep("fence", "kafka-users", {"ann": ["orders"]})
    scene.journal.keep(STEP, KEY, {"orders": [5]})
    forget_earlier_mirror(scene.world, scene.journal)
    assert scene.journal.kept(STEP, KEY) is None
    assert scene.chosen("orders").scope.topics == ("orders",)
    held.append("ann")
    assert "the fence of an earlier mirror of this name still holds ann" in scene.refused("orders")
    scene.journal.keep("stop-producers", "replicas", {"Deployment shop/writer": 3})
    assert "a cutover of the whole mirror is in progress" in scene.refused("orders")


@pytest.mark.parametrize("fence", [StrimziFence, AclFence, ManualFence])
def test_a_fence_of_this_mirror_is_not_of_an_earlier_one(fence: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MemoryJournal()
    journal.keep("fence", OF_EARLIER_MIRROR, True)
    for module in ("strimzi", "acls"):
        monkeypatch.setattr(f"mirror.cutover.fence.{module}.fenced_topics", lambda _: [])
    monkeypatch.setattr("mirror.cutover.fence.strimzi._kubernetes", lambda _: None)
    monkeypatch.setattr("mirror.cutover.fence.strimzi._read", lambda _: ({}, []))
    acls = SimpleNamespace(of_topics=frozenset, create=lambda missing: None)
    monkeypatch.setattr("mirror.cutover.fence.acls.admin_acls", lambda _: acls)
    monkeypatch.setattr("mirror.cutover.fence.manual.run", lambda *_: None)
    made = settings(cutover__fence="manual", cutover__fence_command=("fence.sh",))
    fence().do(cast(World, SimpleNamespace(settings=made, root=None)), journal)
    assert journal.kept("fence", OF_EARLIER_MIRROR) is None
    assert len(journal.content) == 1, "and its own is kept"


def test_a_part_of_an_earlier_mirror_is_not_in_progress(scene: Scene) -> None:
    """A failover leaves its entry, and the mirror that was made anew mirrors these topics again."""
    scene.began()
    scene.journal.keep(STEP, KEY, {"orders": [5]})
    assert in_progress(scene.world, scene.journal) is None
    assert scene.chosen() is None, "the whole mirror"
    assert scene.chosen("payments").scope.topics == ("payments",)


def test_acls_of_an_earlier_part_are_no_cutover_of_the_whole_mirror(scene: Scene) -> None:
    deny = ["TOPIC", "orders", "LITERAL", "User:*", "*", "WRITE", "DENY"]
    scene.journal.keep("fence", "acls", [deny])
    assert "a cutover of the whole mirror is in progress" in scene.refused("payments")
    scene.moved()
    assert scene.chosen("payments").scope.topics == ("payments",)


def test_the_way_back_is_not_moved_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "read", lambda world: SEEN)
    scene = Scene(cutover__way_back_of="west-to-east")
    assert "it is the way back of mirror west-to-east" in scene.refused("orders")


def test_every_problem_is_told_at_once(scene: Scene) -> None:
    told = scene.refused("other", groups=("none", "readers"))
    assert told.count("\n  - ") == 3
    assert "nothing was changed" in told


def test_groups_are_found_where_none_is_named(scene: Scene) -> None:
    assert scene.chosen("orders").scope == ORDERS
    assert scene.chosen("payments").scope == MovedSettings(("payments",))
    assert scene.chosen() is None


def test_the_same_command_again_continues_with_the_same_groups(scene: Scene) -> None:
    both = MovedSettings(("orders",), ("others", "readers"))
    scene.began(both)
    assert "group others is unknown" in scene.refused("orders"), "it is judged again before the promotion"
    scene.moved(both)
    scene.annotations[STATES_BEFORE] = "{}"
    assert scene.chosen("orders").scope == both
    assert in_progress(scene.world, scene.journal) is not None
    del scene.annotations[STATES_BEFORE]
    assert in_progress(scene.world, scene.journal) is None
    assert completed(scene.world, scene.journal) is not None
    assert scene.chosen("orders").scope == MovedSettings(("orders",)), "nothing is left to do"


def test_only_a_part_that_is_complete_is_completed_and_it_is_this_mirrors(scene: Scene) -> None:
    assert completed(scene.world, scene.journal) is None
    scene.began()
    part = Part(scene.world.settings, ORDERS)
    assert in_progress(scene.world, scene.journal) == part
    assert completed(scene.world, scene.journal) is None, "it is in progress"
    scene.moved()
    assert completed(scene.world, scene.journal) == part
    scene.annotations["region-mirror/phase"] = "promoted"
    assert completed(scene.world, scene.journal) is None, "a cutover of the rest has begun since"


def test_what_is_coupled_was_accepted_and_is_asked_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Producer("shop", frozenset({"orders", "payments"}), frozenset())
    monkeypatch.setattr(read, "read", lambda world: replace(SEEN, producers=[shop]))
    scene.began()
    assert "shop has a transactional id" in scene.refused("orders")
    asked = Asked(("orders",), accept_coupled=frozenset({"shop"}))
    part = Part(scene.world.settings, ORDERS)
    assert chosen(scene.world, asked, scene.journal) == (part, "1 topic and 0 groups stay with the mirror")


def test_a_group_that_is_new_since_the_part_was_begun_is_named(scene: Scene) -> None:
    scene.began(MovedSettings(("orders",)))
    told = scene.refused("orders")
    assert "group readers: offsets on these topics since the part was begun. Undo it with" in told


def test_more_names_than_an_annotation_holds_are_refused_before_the_fence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.cutover.part.choose.LIMIT_BYTES", 20)
    assert "need 42 bytes, and an annotation" in scene.refused("orders")


def test_a_damaged_entry_is_no_part(scene: Scene) -> None:
    scene.journal.keep(PART, SCOPE, {"topics": [], "groups": []})
    assert scene.chosen() is None
    scene.journal.keep(PART, SCOPE, ["orders"])
    assert scene.chosen() is None
