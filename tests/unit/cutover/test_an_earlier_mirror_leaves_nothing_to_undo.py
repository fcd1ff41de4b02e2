"""A mirror is made anew under its name, as after a way home: its journal has what the first move has kept."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import PHASE, STATES_BEFORE
from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.earlier_mirror import OF_ONE_MOVE
from mirror.cutover.failover import place_groups, stop_mirror
from mirror.cutover.failover import steps as failover
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.part.part import PART, SCOPE
from mirror.cutover.promoted_ends.journal_entries import KEY, STEP
from mirror.cutover.run import running
from mirror.cutover.step import World
from mirror.cutover.steps import move_groups, renew_offsets, stop_sync, stop_workloads
from tests.unit.cutover.fake_steps import Fake
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

KEPT = OF_ONE_MOVE


def left(annotations: dict[str, str], *, promoted_before: bool = True, state: str = "stopped") -> list[Any]:
    """Begin a run, and return what the journal keeps of an earlier one, the fence last."""
    api = MemoryApi()
    first = ConfigMapJournal(cast(Kubernetes, api), settings())
    for step, key in (*KEPT, ("fence", "acls")):
        first.keep(step, key, ["old"])
    if promoted_before:
        first.keep(STEP, KEY, {"orders": [5]})
    made = SimpleNamespace(
        target_kubernetes=api,
        settings=settings(),
        resource=lambda: {
            "metadata": {"annotations": annotations},
            "spec": {"mirrors": [{"source": {"alias": "east"}, "sourceConnector": {"state": state}}]},
        },
    )
    with running(cast(World, made), [Fake("fence")], lambda event: None):
        journal = ConfigMapJournal(cast(Kubernetes, api), settings())
        return [journal.kept(step, key) for step, key in (*KEPT, ("fence", "acls"))]


def test_offsets_and_replicas_of_the_first_move_are_not_put_back() -> None:
    """A rollback set groups to offsets of months ago, and a recovery told that they read nothing twice."""
    assert left({}) == [*[None] * len(KEPT), ["old"]]


@pytest.mark.parametrize("annotations", [{PHASE: "promoted"}, {STATES_BEFORE: json.dumps({})}])
def test_those_of_this_move_stay(annotations: dict[str, str]) -> None:
    assert left(annotations) == [["old"]] * (len(KEPT) + 1)
    assert left({}, promoted_before=False) == [["old"]] * (len(KEPT) + 1)


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_where_groups_were_placed_is_forgotten_once_the_mirror_runs_again(state: str) -> None:
    """A failover was rolled back by `cutover rollback`. A mirror that was declared stopped before has no note
    of the move in progress."""
    placed = [None if step == "place-groups" and state == "running" else ["old"] for step, _ in KEPT]
    assert left({}, promoted_before=False, state=state) == [*placed, ["old"]]


def test_their_keys_are_those_that_the_steps_write() -> None:
    workloads = {(name, stop_workloads.KEPT) for name in ("stop-producers", "stop-consumers")}
    assert set(OF_ONE_MOVE) == workloads | {
        ("stop-sync", stop_sync._BEFORE),
        ("stop-mirror", stop_mirror._BEFORE),
        (move_groups.MOVE, move_groups.BEFORE),
        (place_groups.NAME, place_groups.PLACED),
        (place_groups.NAME, place_groups.FIRST),
        (STEP, failover.MISSING),
        (STEP, failover.GROUPS),
        (STEP, renew_offsets.RENEWED),
        (PART, SCOPE),
    }
