"""No remedy of an audit destroys what only the target has, and each says what it destroys before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

import pytest
from confluent_kafka import IsolationLevel

from mirror.audit.findings import KINDS, DifferenceKind, PartitionResult, RecordDifference
from mirror.audit.hidden import with_hidden
from mirror.audit.merge import merge
from mirror.audit.render import markdown
from mirror.audit.report import AuditReport, sentence
from mirror.clients.records import TopicPartition
from mirror.verify.reading import held_back

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


class Target:
    """Its log of `orders` is visible up to `stable` only."""

    def __init__(self, stable: int) -> None:
        self.stable = stable
        self.asked = 0

    def ends(self, partitions: Iterable[TopicPartition], level: IsolationLevel) -> dict[TopicPartition, int]:
        self.asked += 1
        return dict.fromkeys(partitions, self.stable if level is IsolationLevel.READ_COMMITTED else 30)


@pytest.mark.parametrize(("stable", "hidden"), [(10, True), (30, False)])
def test_records_behind_an_open_transaction_are_not_mirrored_again(
    stable: int, hidden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are there, and a rewind wrote them twice."""
    monkeypatch.setattr(held_back, "GLANCE_SECONDS", 0.0)
    [found] = with_hidden(cast(Any, Target(stable)), [result("lost")])
    said = sentence(found, difference("lost")).remedy
    assert ("mirror nothing again, because the records are there" in said) is hidden
    assert (HARM.search(said) is None) is hidden
    assert [note.startswith("orders-0: a transaction that began at offset 10") for note in found.notes] == (
        [True] if hidden else []
    )
    assert PartitionResult.from_json(found.to_json()) == found


def test_no_transaction_is_looked_for_where_no_record_is_lost() -> None:
    target = Target(10)
    assert with_hidden(cast(Any, target), [result("altered")]) == [result("altered")]
    assert target.asked == 0


def test_producers_records_after_the_promotion_are_named() -> None:
    assert "records that clients have written to the target" in markdown(report("alien", promoted=True))
    assert "records that clients have written" not in markdown(report("alien", promoted=False))


def test_the_promotion_survives_the_json_of_slices() -> None:
    one = report("alien", promoted=True)
    assert AuditReport.from_json(one.to_json()).promoted
    assert merge([replace(one)]).promoted
    plain = {key: value for key, value in one.to_json().items() if key != "promoted"}
    assert not AuditReport.from_json(plain).promoted, "a report of an earlier release"


def test_lost_records_are_named_before_what_is_there_twice() -> None:
    """A terminal shows the first findings, and an audit takes hours: nobody repeats it for the others."""
    twice = replace(result("duplicated"), differences=(difference("duplicated"),) * 20)
    lost = replace(result("lost"), source=TopicPartition("zebra", 0), target=TopicPartition("zebra", 0))
    made = replace(report("lost", promoted=False), partitions=(twice, lost))
    rows = [
        line for line in markdown(made).splitlines() if "records lost" in line or "records duplicated" in line
    ]
    assert rows[0].startswith("| `zebra-0` | 3 records lost")
    assert len(rows) == 12
