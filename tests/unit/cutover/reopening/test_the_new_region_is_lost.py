"""The region from which groups would return is lost: by the word of a person the old one opens without it.

After a second disaster the refusal of `failover` names `reopen --accept-unmirrored`. With prefixes that ended
at the groups, which it could not read on the dead Kafka, and left the old region fenced.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.source_look import SourceSeen, SourceState
from mirror.cutover import target_kafka
from mirror.cutover.reopening.return_groups import ReturnGroups
from mirror.cutover.reopening.steps import reopening_steps
from mirror.cutover.reopening.way_back import LookAtWayBack
from mirror.cutover.step import Verdict, World
from mirror.problems import CouldNotConnect, CouldNotRead
from tests.unit.cutover.reopening.test_the_old_region_opens_after_the_way_home import Reopening
from tests.unit.support.made_up import settings

LOST = CouldNotConnect("connecting to Kafka cluster west", "not reachable", "check it")


def look(
    monkeypatch: pytest.MonkeyPatch, state: SourceState, *, accepted: bool, error: Exception = LOST
) -> Verdict:
    """What `return-groups` says where a login fails, and the target answers so."""

    def opened() -> Any:
        raise error

    def asked(access: Any) -> SourceSeen:
        assert access == "west:9093"
        return SourceSeen(state, "west at west:9093: nothing listens at its addresses", 0.5)

    monkeypatch.setattr(target_kafka, "look_at_source", asked)
    session = SimpleNamespace(deployed=SimpleNamespace(target_access=lambda _: "west:9093"))
    given = settings(replication_policy="default")
    world = SimpleNamespace(settings=given, sides=opened, session=session, resource=dict)
    with ExitStack() as stack:
        steps = {one.name: one for one in reopening_steps(given, stack, accepted=accepted)}
        step = steps["return-groups"]
        assert isinstance(step, ReturnGroups)
        return step.look(cast(World, world))


@pytest.mark.parametrize(
    ("state", "accepted", "verdict"),
    [("silent", True, "done"), ("healthy", True, "waiting"), ("silent", False, "waiting")],
)
def test_connect_need_not_confirm_the_stop(
    monkeypatch: pytest.MonkeyPatch, state: SourceState, accepted: bool, verdict: str
) -> None:
    """Strimzi's status has no connectors any more where Connect does not answer for want of its Kafka."""
    scene = Reopening(monkeypatch)
    stopped = {"sourceConnector": {"state": "stopped"}, "checkpointConnector": {"state": "stopped"}}
    scene.resource["spec"]["mirrors"][0] |= stopped
    session = SimpleNamespace(deployed=SimpleNamespace(target_access=lambda _: "west:9093"))
    monkeypatch.setattr(target_kafka, "look_at_source", lambda _: SourceSeen(state, "west: no answer", 5.0))
    world = cast(World, SimpleNamespace(**{**vars(scene.world), "session": session}))
    found = LookAtWayBack(accepted=accepted).look(world)
    assert found.state == verdict
    assert found.text.endswith("MM2 copies nothing: west: no answer") == (verdict == "done")


def test_its_groups_keep_their_offsets(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = look(monkeypatch, "silent", accepted=True)
    assert verdict.state == "done"
    assert verdict.text == (
        "west at west:9093: nothing listens at its addresses. Groups keep their offsets on east: none skips "
        "a record there, and each reads again what it has read of copies on west"
    )


@pytest.mark.parametrize("state", ["refused", "partly", "healthy", "unknown"])
def test_one_that_answers_is_not_lost(monkeypatch: pytest.MonkeyPatch, state: SourceState) -> None:
    """The old region's own Kafka may be the one that does not answer."""
    with pytest.raises(CouldNotConnect):
        look(monkeypatch, state, accepted=True)


def test_without_the_word_of_a_person_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CouldNotConnect):
        look(monkeypatch, "silent", accepted=False)


def test_a_request_that_fails_is_no_lost_region(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = CouldNotRead("reading offsets", "no answer in time", "try again")
    with pytest.raises(CouldNotRead):
        look(monkeypatch, "silent", accepted=True, error=failed)
