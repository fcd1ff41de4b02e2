"""Made-up ends of a partition, for the tests of tail-matches: records named by letters."""

from __future__ import annotations

from typing import Any

from mirror.clients.records import Bounds, Record, TopicPartition, Unread
from mirror.verify.checks.tail_matches import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.tail import Tail, tail_verdict
from tests.unit.support.made_up import NOW, ORDERS, records, window


def tail(newest: Record | Unread | None, **more: Any) -> Tail:
    """The source holds abcdefgh at 0 to 7; MM2 has committed 5 (f)."""
    values: dict[str, Any] = {
        "position": 5,
        "source": Bounds(0, 8),
        "target": Bounds(0, 20),
        "window": window("fgh", 5),
        **more,
    }
    return Tail(ORDERS, TopicPartition("orders", 0), newest=newest, **values)


def state(one: Tail) -> str:
    return tail_verdict(one, NOW).state


def message(one: Tail) -> str:
    finding = tail_verdict(one, NOW).finding
    assert finding is not None
    return finding.message


def judged(*tails: Tail) -> CheckResult:
    return judge(tails, now=NOW)


def moved(target: str, source: str = "fgh", **more: Any) -> Tail:
    """The target ends in capitals, which its producers wrote; MM2 has committed the source's last record."""
    last = 5 + len(source) - 1
    values: dict[str, Any] = {
        "position": last,
        "before": window("abcdefgh"[:last]),
        "window": window(source[-1], last),
        "on_target": window(target, 10),
        **more,
    }
    return tail(records(target, 10)[-1], **values)
