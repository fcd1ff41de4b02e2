"""A remedy that deletes or rewinds names a way that does not first, and then what is destroyed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mirror.verify
from mirror.clients.records import Bounds, Topic
from mirror.problems import Finding
from mirror.verify.baseline import Baseline, TopicThen
from mirror.verify.checks import (
    groups_translated,
    lag,
    records_match,
    source_unbroken,
    tail_matches,
    topics_present,
)
from mirror.verify.comparison import Copy
from mirror.verify.remedies import declared, without_harm
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.partition_lag import PartitionLag
from mirror.verify.values.probe import Probe, Sample
from mirror.verify.values.source_partition import PartitionNow, SourceNow
from mirror.verify.values.tail import Tail
from tests.unit.support.made_up import NOW, ORDERS, record, records, window

ROOM = Path(mirror.verify.__file__).parent
COMMANDS = re.compile(
    r"connector-offsets=|--delete-offsets|--reset-offsets|kafka-configs\.sh --alter"
    r"|\b(delete|clear|reset|alter) (the|its|their|this)\b|\bmirror (it|the topic) anew\b"
)
REMEDY = re.compile(r"(?P<keeps>.+)\. The next steps (destroy|rewind|replace) (?P<what>.+?): (?P<steps>.+)")


def findings() -> Iterator[Finding]:
    """Findings of every check whose remedy deletes or rewinds."""
    tail = Tail(ORDERS, ORDERS, 5, Bounds(0, 8), Bounds(0, 20), record(17, "F"), window("fgh", 5))
    before = window("abcde")
    for one in (
        tail,
        Tail(ORDERS, ORDERS, 5, Bounds(0, 8), Bounds(20, 20), None, window("fgh", 5)),
        Tail(ORDERS, ORDERS, 5, Bounds(0, 8), Bounds(0, 9), record(3, "d"), window("fgh", 5), before),
    ):
        yield from tail_matches.judge([one], now=NOW).findings
    probe = Probe(ORDERS, ORDERS, "whole", window("abc"), Copy(records("aXc"), True, True), held=3)
    yield from records_match.judge([probe], Sample(1, 1), exactly_once=True).findings
    yield from lag.judge([PartitionLag(ORDERS, 9, Bounds(0, 5), None)], max_lag_seconds=1, at=NOW).findings
    topic = Topic("orders", 3, 3)
    yield from topics_present.judge(
        {"orders": "orders"}, {"orders": topic}, {}, replication_factor=-1
    ).findings
    then = Baseline("then", "c", {"orders": TopicThen("id-1", 1, (0,))})
    for topic_id, position in (("id-2", 9), ("id-1", 12)):
        now = SourceNow("c", {"orders": topic_id}, [PartitionNow(ORDERS, position, Bounds(0, 10))])
        yield from source_unbroken.judge(then, now).findings
    for located in (None, 2):
        group = GroupPartition(
            "billing", ORDERS, ORDERS, 2, 5, position=7, source=Bounds(0, 8), target=Bounds(0, 8),
            unread=window("cdefgh", 2), ahead=window("fgh", 5), located=located,
        )  # fmt: skip
        yield from groups_translated.judge([group]).findings


def test_each_remedy_names_the_harmless_way_and_what_the_other_destroys() -> None:
    seen = list(findings())
    assert len(seen) == 10
    for finding in seen:
        assert COMMANDS.search(finding.remedy), finding
        said = REMEDY.fullmatch(finding.remedy)
        assert said is not None, finding.remedy
        assert COMMANDS.search(said["keeps"]) is None, finding.remedy
        assert COMMANDS.search(said["what"]) is None, finding.remedy


TREES = {path: ast.parse(path.read_text()) for path in sorted(ROOM.rglob("*.py"))}


def calls_of(name: str) -> list[ast.Call]:
    """Every call of a function by this name in the room."""
    return [
        node
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


DECLARED = {id(part) for call in calls_of("or_else") for part in ast.walk(call)}
"""All that is an argument of a remedy of this form."""


def is_part(function: ast.FunctionDef) -> bool:
    """Whether the function is called only for the arguments of such remedies."""
    calls = calls_of(function.name)
    return bool(calls) and all(id(one) in DECLARED for one in calls)


@pytest.mark.parametrize("path", TREES, ids=lambda path: path.name)
def test_no_text_of_the_room_deletes_or_rewinds_outside_such_a_remedy(path: Path) -> None:
    if path.name == "remedies.py":
        return  # its texts are parts of what is declared elsewhere
    tree = TREES[path]
    documented = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # docstrings, of modules, classes, functions and fields
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and is_part(node)
        for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) in documented | DECLARED | parts:
            continue
        assert COMMANDS.search(node.value) is None, f"{path.name}, line {node.lineno}: {node.value}"


@pytest.mark.parametrize("phase", ["promoted", "retired"])
def test_nothing_starts_the_connectors_of_a_promoted_mirror_again(phase: str) -> None:
    assert "Never start the connectors again" in declared(phase, "wait")
    assert declared("running", "wait") == "wait"
    assert "set it to running" in declared("stopped", "wait")


def test_of_a_promoted_mirror_no_remedy_destroys_or_rewinds() -> None:
    for one in findings():
        harmless = without_harm(one.remedy)
        assert not COMMANDS.search(harmless), one
        assert harmless.endswith("The mirror is promoted, so nothing is reset or mirrored anew")
    assert without_harm("wait for the next look") == "wait for the next look"
