"""Without exactly-once a position is up to 5 s old: a busy target is further ahead of it than is read."""

from __future__ import annotations

import time

import pytest

from mirror.clients.sides import Sides
from mirror.verify.reading import tails
from mirror.verify.reading.tails import read_tails
from mirror.verify.values.tail import tail_verdict
from tests.unit.verify import test_looking_at_two_clusters as two_clusters
from tests.unit.verify.test_looking_at_two_clusters import JOINED, ONE

mocks, sides = two_clusters.mocks, two_clusters.sides
POSITION = 100
"""The target has 250 records by now."""


@pytest.fixture(autouse=True)
def _little_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "FIRST_LOOK", 5)
    monkeypatch.setattr(tails, "FAR_LOOK", 20)


def test_its_newest_record_is_found_by_its_timestamp(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides.source, "offsets_at_each", sides.target.offsets_at_each)
    [tail] = read_tails(sides, JOINED[:1], {ONE: POSITION})
    assert tail_verdict(tail, time.time()).state == "same"


@pytest.mark.parametrize("leads_to", [{}, {ONE: 200}], ids=["nothing", "another place"])
def test_a_timestamp_that_leads_nowhere_says_that_not_all_was_read(
    sides: Sides, monkeypatch: pytest.MonkeyPatch, leads_to: dict[object, int]
) -> None:
    monkeypatch.setattr(sides.source, "offsets_at_each", lambda _: [leads_to])
    [tail] = read_tails(sides, JOINED[:1], {ONE: POSITION})
    finding = tail_verdict(tail, time.time()).finding
    assert finding is not None
    assert "the rest was not read" in finding.message
