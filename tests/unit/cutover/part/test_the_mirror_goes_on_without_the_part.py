"""The last step of a part: one change excludes and records it, and nothing before it is done again."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MOVED, STATES_BEFORE
from mirror.cutover.connectors.judge import ConnectorState
from mirror.cutover.part import promote
from mirror.cutover.part.part import PART, SCOPE, Part, is_complete, parsed, to_json
from mirror.cutover.part.promote import PromotePart, exclusion, restarting, with_names
from mirror.cutover.part.steps import OfPart, forget, steps_of_part
from mirror.cutover.step import Verdict, World
from mirror.problems import CouldNotRun
from settings import filters
from settings.filters import GROUPS_EXCLUDE_DEFAULT, TOPICS_EXCLUDE_DEFAULT
from settings.model import MovedSettings
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal

SCOPE_OF = MovedSettings(("orders",), ("order.readers",))
PARTED = Part(settings(), SCOPE_OF)


def resource(**annotations: str) -> dict[str, Any]:
    mirror = settings().mirror
    return {
        "metadata": {"resourceVersion": "7", "annotations": annotations},
        "spec": {
            "mirrors": [
                {"source": {"alias": "north"}, "topicsExcludePattern": "x"},
                {
                    "source": {"alias": "east"},
                    "topicsExcludePattern": ",".join(filters.topic_excludes(mirror)),
                    "groupsExcludePattern": ",".join(filters.group_excludes(mirror)),
                    "sourceConnector": {"state": "running"},
                    "checkpointConnector": {"state": "stopped"},
                },
            ]
        },
    }


def moved(**annotations: str) -> dict[str, Any]:
    return resource(**{MOVED: json.dumps(to_json(SCOPE_OF)), **annotations})


def test_it_is_excluded_and_recorded_as_the_stack_renders_it_later() -> None:
    patch = exclusion(resource(), "east", PARTED)
    assert patch is not None
    other, ours = patch["spec"]["mirrors"]
    assert other["topicsExcludePattern"] == "x"
    assert ours["topicsExcludePattern"] == ",".join(filters.topic_excludes(PARTED.after.mirror))
    assert ours["groupsExcludePattern"] == ",".join(filters.group_excludes(PARTED.after.mirror))
    assert ours["checkpointConnector"] == {"state": "stopped"}, "it must not run with its old configuration"
    assert patch["metadata"] == {
        "resourceVersion": "7",
        "annotations": {MOVED: '{"topics":["orders"],"groups":["order.readers"]}'},
    }


def test_a_second_part_is_added_in_the_order_of_the_stack() -> None:
    first = Part(settings(), MovedSettings(("z",)))
    there = resource() | exclusion(resource(), "east", first)  # type: ignore[operator]
    second = Part(first.after, MovedSettings(("a",)))
    patch = exclusion(there, "east", second)
    assert patch is not None
    assert patch["spec"]["mirrors"][1]["topicsExcludePattern"] == ",".join(
        filters.topic_excludes(second.after.mirror)
    )
    there |= patch
    assert exclusion(there, "east", second) is None


def test_names_are_added_to_mm2s_own_exclusions_which_a_list_replaces() -> None:
    assert with_names(None, TOPICS_EXCLUDE_DEFAULT, (), ("a.b",)).split(",") == [
        *TOPICS_EXCLUDE_DEFAULT,
        r"a\.b",
    ]
    assert with_names("x,y", GROUPS_EXCLUDE_DEFAULT, (), ("g,h",)) == r"x,y,g\x2Ch"


@pytest.mark.parametrize(
    "theirs",
    [
        {"sourceConnector": {"config": {"topics.exclude": "secret.*,x"}}},
        {"sourceConnector": {"config": {"topics.blacklist": "secret.*,x"}}},
        {"topicsBlacklistPattern": "secret.*,x"},
    ],
)
def test_exclusions_of_a_mirror_that_was_taken_over_stay_wherever_they_are(theirs: dict[str, Any]) -> None:
    """Strimzi ignores the property and the older field where the resource has the newer field."""
    there = {"metadata": {}, "spec": {"mirrors": [{"source": {"alias": "east"}, **theirs}]}}
    patch = exclusion(there, "east", PARTED)
    assert patch is not None
    (ours,) = patch["spec"]["mirrors"]
    assert ours["topicsExcludePattern"] == "secret.*,x,orders"
    assert exclusion(there | patch, "east", PARTED) is None


def state(name: str, declared: str, actual: str, **more: Any) -> ConnectorState:
    return ConnectorState(name, declared, actual, ("RUNNING",), observed=True, **more)


def test_it_is_done_once_both_connectors_run_again() -> None:
    runs, stops = state("source", "running", "RUNNING"), state("checkpoint", "running", "STOPPED")
    assert restarting(moved(**{STATES_BEFORE: "{}"}), runs, stops).state == "todo"
    late = restarting(moved(), runs, stops)
    assert (late.state, late.text) == (
        "waiting",
        "Strimzi has not started the mirror without them yet: checkpoint is STOPPED",
    )
    assert restarting(moved(), runs, runs).state == "done"
    assert restarting(moved(), state("source", "running", "FAILED"), runs).state == "waiting"


def test_a_part_is_complete_once_the_states_of_before_are_gone() -> None:
    assert not is_complete(SCOPE_OF, resource())
    assert not is_complete(SCOPE_OF, moved(**{STATES_BEFORE: "{}"}))
    assert is_complete(SCOPE_OF, moved())
    assert is_complete(SCOPE_OF, resource(**{"region-mirror/phase": "promoted"}))


class Inner:
    name, patience, lasting = "fence", 5.0, True

    def __init__(self) -> None:
        self.did = self.undid = 0

    def look(self, world: World) -> Verdict:
        return Verdict("todo", "to do")

    def do(self, world: World, journal: Any) -> None:
        self.did += 1

    def undo(self, world: World, journal: Any) -> str | None:
        self.undid += 1
        return "left as set: 2 offsets"


def world_of(there: dict[str, Any]) -> World:
    return cast(World, SimpleNamespace(resource=lambda: there, settings=settings(), target_kubernetes=None))


def test_a_step_before_it_writes_down_the_part_first_and_never_acts_again_after_it() -> None:
    inner, journal = Inner(), MemoryJournal()
    step = OfPart(inner, PARTED)
    assert step.look(world_of(resource())).state == "todo"
    assert step.look(world_of(moved())).state == "done"
    step.do(world_of(resource()), journal)
    assert parsed(journal.kept(PART, SCOPE)) == SCOPE_OF
    assert step.undo(world_of(resource()), journal) == "left as set: 2 offsets", "a rollback says what stays"
    assert (inner.did, inner.undid) == (1, 1)
    assert journal.kept(PART, SCOPE) is None, "no part is in progress"


def test_a_new_part_forgets_the_offsets_that_an_earlier_one_would_put_back() -> None:
    journal = MemoryJournal()
    journal.keep(PART, SCOPE, to_json(MovedSettings(("earlier",))))
    journal.keep("move-groups", "offsets-before", {"moved": {}})
    OfPart(Inner(), PARTED).do(world_of(resource()), journal)
    assert journal.kept("move-groups", "offsets-before") is None
    journal.keep("move-groups", "offsets-before", {"of this part": {}})
    OfPart(Inner(), PARTED).do(world_of(resource()), journal)
    assert journal.kept("move-groups", "offsets-before") is not None, "its own remain after a kill"
    forget(journal)
    assert journal.content == {}
    journal.keep("move-groups", "offsets-before", {"of a whole mirror": {}})
    forget(journal)
    assert journal.kept("move-groups", "offsets-before") is not None


def test_there_is_no_way_back_once_it_is_excluded() -> None:
    PromotePart(PARTED).undo(world_of(resource()), MemoryJournal())
    with pytest.raises(CouldNotRun, match=r"rolling back topic orders and group order\.readers"):
        PromotePart(PARTED).undo(world_of(moved()), MemoryJournal())


def test_users_write_before_the_offset_sync_starts_and_it_starts_without_the_part_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    did: list[str] = []
    applied = True

    def change(kubernetes: Any, read: Any, patches: Any) -> None:
        did.append("exclude" if len(patches) == 1 else "start")

    def settle(kubernetes: Any, read: Any, settled: Any, seconds: float) -> bool:
        did.append("settle")
        return applied

    monkeypatch.setattr(promote, "change", change)
    monkeypatch.setattr(promote, "settle", settle)
    monkeypatch.setattr(promote, "without_write", lambda world, after: {"ann": {}})
    monkeypatch.setattr(promote, "let_write", lambda world, users: did.append("write"))
    monkeypatch.setattr(promote, "record_ends_of_part", lambda *_: did.append("record the ends"))
    monkeypatch.setattr(promote, "renew_offsets", lambda *_: did.append("renew"))
    PromotePart(PARTED).do(world_of(resource()), MemoryJournal())
    assert did == ["renew", "record the ends", "exclude", "write", "settle", "start", "settle"]
    did.clear()
    applied = False
    PromotePart(PARTED).do(world_of(resource()), MemoryJournal())
    assert did[2:] == ["exclude", "write", "settle"], "Strimzi has not configured the connectors yet"
    did.clear()
    PromotePart(PARTED).do(world_of(moved()), MemoryJournal())
    assert did == ["exclude", "write", "settle"], "clients write: the ends of now are not those of the move"


def test_the_steps_see_the_part_and_nothing_else() -> None:
    part = Part(settings(moved={"topics": ["payments.eu"]}), MovedSettings(("payments", "orders")))
    narrow = part.narrowed
    names = ["orders", "payments", "payments.eu", "payments.us"]
    assert [one for one in names if filters.mirrored(narrow, one)] == ["orders", "payments"]
    assert not filters.group_matches(narrow.mirror, "any")
    assert filters.group_matches(PARTED.narrowed.mirror, "order.readers")
    assert not filters.group_matches(PARTED.narrowed.mirror, "orderXreaders")
    assert [one for one in names if filters.mirrored(part.after, one)] == ["payments.us"]
    assert [step.name for step in steps_of_part(part)] == [
        "preflight",
        "fence",
        "prove-fence",
        "drain",
        "stop-sync",
        "move-groups",
        "prove",
        "promote",
    ]


@pytest.mark.parametrize("there", [resource, moved])
def test_a_mirror_that_a_failover_has_stopped_is_not_started(there: Any) -> None:
    """The region was lost before the mirror went on: the same command again undid half of the failover."""
    before = json.dumps({"checkpoint connector": "running", "source connector": "running"})
    verdict = PromotePart(PARTED).look(world_of(there(**{STATES_BEFORE: before})))
    assert verdict.state == "blocked"
    assert "`region-mirror failover rollback`" in verdict.remedy
