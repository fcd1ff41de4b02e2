"""No remedy of an audit destroys what only the target has, and each says what it destroys before."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mirror.audit.findings import KINDS, DifferenceKind, PartitionResult, RecordDifference
from mirror.audit.merge import merge
from mirror.audit.render import markdown
from mirror.audit.report import AuditReport, sentence
from mirror.clients.records import TopicPartition

ORDERS = TopicPartition("orders", 0)
REMEDY = re.compile(r"(?P<keeps>.+)\. The next steps (destroy|rewind) (?P<what>.+?): (?P<steps>.+)")
HARM = re.compile(r"connector-offsets=|delete the topic|mirror (it|the topic) again")


def difference(kind: DifferenceKind) -> RecordDifference:
    return RecordDifference(kind, 3, (5, 7), (9, 11), ("value",) if kind == "altered" else ())


def result(kind: DifferenceKind) -> PartitionResult:
    return PartitionResult(ORDERS, ORDERS, 19, 17, 20, 23, {kind: 3}, {}, (difference(kind),))


def report(kind: DifferenceKind, *, promoted: bool) -> AuditReport:
    at = "2026-11-26T20:00:00"
    return AuditReport("m", "east", "west", at, 1.5, True, (result(kind),), promoted=promoted)


@pytest.mark.parametrize("kind", KINDS)
def test_each_remedy_names_the_harmless_way_first_and_what_the_other_destroys(kind: DifferenceKind) -> None:
    said = REMEDY.fullmatch(sentence(result(kind), difference(kind)).remedy)
    assert said is not None
    assert HARM.search(said["keeps"]) is None
    assert HARM.search(said["what"]) is None
    assert ("up to 15 records" if kind == "lost" else "23 compared records") in said["what"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_audit_after_the_promotion_advises_nothing_that_destroys(kind: DifferenceKind) -> None:
    """Producers write to the target by now: their records are alien to the source, and nowhere else."""
    page = markdown(report(kind, promoted=True))
    assert HARM.search(page) is None
    assert "so nothing is reset or mirrored anew" in page
    assert HARM.search(markdown(report(kind, promoted=False))) is not None


def test_producers_records_after_the_promotion_are_named() -> None:
    assert "records that clients have written to the target" in markdown(report("alien", promoted=True))
    assert "records that clients have written" not in markdown(report("alien", promoted=False))


def test_the_promotion_survives_the_json_of_slices() -> None:
    one = report("alien", promoted=True)
    assert AuditReport.from_json(one.to_json()).promoted
    assert merge([replace(one)]).promoted
    plain = {key: value for key, value in one.to_json().items() if key != "promoted"}
    assert not AuditReport.from_json(plain).promoted, "a report of an earlier release"
