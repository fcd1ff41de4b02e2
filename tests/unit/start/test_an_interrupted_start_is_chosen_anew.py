"""Start positions of an interrupted first deployment are none of MM2: they follow today's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import mirror.start.first_deployment as module
from mirror.clients.records import Bounds, Topic, TopicPartition
from mirror.mm2.connect_format import Pair, key, value
from mirror.mm2.identity import Identity
from mirror.mm2.positions import START_MARK, Positions
from mirror.problems import CouldNotRun
from mirror.start.first_deployment import FirstDeployment
from mirror.start.leftovers import read
from mirror.start.leftovers.judge import Leftovers
from settings.names import Names
from tests.unit.start.test_a_deployed_mirror_is_recognized import Resource, manifest
from tests.unit.support.made_up import ORDERS, settings

NOON = "2026-11-01T12:00:00+00:00"
NAMES = Names.of(settings())
POSITION = key(NAMES.source_connector, "east", ORDERS)
MARK = key(START_MARK + NAMES.source_connector, "east", ORDERS)


class Source:
    """One topic of one partition with 200 offsets; at noon offset 40 was written."""

    access = SimpleNamespace(describe=lambda: "east")

    def topics(self) -> dict[str, Topic]:
        return {"orders": Topic("orders", 1, 3)}

    def bounds(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Bounds]:
        return dict.fromkeys(partitions, Bounds(0, 200))

    def offsets_from(self, asked: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        return dict.fromkeys(asked, 40)


class Deployed(Resource):
    names = NAMES

    def access(self, _: object) -> Any:
        return SimpleNamespace(source=None, target=None)

    def mirror_user(self, _: object) -> None: ...


def deployed(
    monkeypatch: pytest.MonkeyPatch,
    *,
    only_starts: bool = True,
    position: int = 99,
    former: Identity | None = None,
    **mirror: Any,
) -> tuple[str, dict[bytes, bytes | None]]:
    """Deploy over position 99, which an interrupted deployment has written, or MM2."""
    written: dict[bytes, bytes | None] = {}

    def write(_: object, __: str, ___: object, pairs: Sequence[Pair]) -> None:
        assert len(dict(pairs)) == len(pairs), "each key once"
        written.update(pairs)

    sides = nullcontext(SimpleNamespace(source=Source(), target=None))
    monkeypatch.setattr(module, "DeployedResource", lambda *_: Deployed(None))
    monkeypatch.setattr(module, "Sides", lambda *_: sides)
    monkeypatch.setattr(module, "look", lambda *_: (Leftovers(), {ORDERS: position}, only_starts))
    monkeypatch.setattr(module, "write", write)
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.0)
    declared = settings(**mirror)
    return FirstDeployment(declared, manifest(declared), former, Path()).prepare().start, written


def test_a_mirror_that_is_to_begin_at_the_beginning_now_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """It said so, and MM2 began at the position of the setting before: what was older was never mirrored."""
    start, written = deployed(monkeypatch)
    assert start == "earliest"
    assert written == {POSITION: None, MARK: None}


def test_it_does_so_where_a_later_step_of_the_first_up_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state has the identity then, and MM2 has never run."""
    former = Identity.of(settings(start_from="latest"))
    assert deployed(monkeypatch, former=former) == ("earliest", {POSITION: None, MARK: None})
    assert deployed(monkeypatch, former=former, only_starts=False) == ("earliest", {})


def test_another_moment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    _, written = deployed(monkeypatch, start_from=NOON)
    assert written == {POSITION: value(39), MARK: value(39)}


def test_the_latest_stays_where_it_was_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    start, written = deployed(monkeypatch, start_from="latest")
    assert written == {POSITION: value(99), MARK: value(99)}
    assert "up to 100 records are left out on purpose" in start


def test_all_of_a_partition_removes_the_position(monkeypatch: pytest.MonkeyPatch) -> None:
    _, written = deployed(monkeypatch, start_from_by_topic={"orders": "offsets 0"})
    assert written == {POSITION: None, MARK: b'{"offset":-1}'}


def test_positions_of_mm2_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert deployed(monkeypatch, only_starts=False) == ("earliest", {})
    _, written = deployed(monkeypatch, only_starts=False, start_from="latest")
    assert written == {}


def test_a_way_back_does_not_go_on_where_an_earlier_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its stack file adopts what is there. From the earlier position on, the target's copies of our own
    records would be copied back.
    """
    back: dict[str, Any] = {"start_from_by_topic": {"orders": "offsets 150"}, "leftovers": "adopt"}
    with pytest.raises(CouldNotRun, match="orders-0 would resume at 100"):
        deployed(monkeypatch, only_starts=False, **back)
    assert deployed(monkeypatch, only_starts=False, position=149, **back)[1] == {}
    assert deployed(monkeypatch, only_starts=False, position=180, **back)[1] == {}, "it goes on"


def test_a_start_that_is_removed_is_forgotten() -> None:
    reader = Positions(None, None, "offsets", 1, NAMES.source_connector, "east")  # type: ignore[arg-type]
    one = TopicPartition("offsets", 0)
    for pair in ((MARK, value(99)), (POSITION, value(99)), (MARK, None), (POSITION, None)):
        reader._apply(one, *pair)
    assert (reader.starts, reader._positions) == ({}, {})


@pytest.mark.parametrize(
    ("starts", "positions", "only"),
    [
        ({ORDERS: 99}, {ORDERS: 99}, True),
        ({ORDERS: -1}, {}, True),
        ({ORDERS: 99}, {ORDERS: 120}, False),
        ({}, {}, False),
        ({}, {ORDERS: 5}, False),
    ],
)
def test_only_starts_are_recognised(
    monkeypatch: pytest.MonkeyPatch,
    starts: dict[TopicPartition, int],
    positions: dict[TopicPartition, int],
    only: bool,
) -> None:
    store = SimpleNamespace(read=lambda: positions, starts=starts)
    monkeypatch.setattr(read, "Positions", lambda *_: store)
    sides: Any = SimpleNamespace(target=None, target_reader=None)
    assert read._positions(settings(), sides, {ORDERS: Bounds(0, 2)}) == (positions, only)
