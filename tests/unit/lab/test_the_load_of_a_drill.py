"""The load of a drill: how its records are told apart, and what it says of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, cast

import pytest
from confluent_kafka import Message

from lab.drill.consuming import until
from lab.drill.load import Load
from lab.drill.producing import Writer, identity
from lab.drill.production import Production, Side, Stream, of_file
from lab.drill.tell import Tell, number_of


class Record:
    def __init__(self, headers: Any) -> None:
        self._headers = headers

    def headers(self) -> Any:
        return self._headers

    def partition(self) -> int:
        return 3

    def offset(self) -> int:
        return 7


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ([("trace-id", b"a1"), ("drill", b"run-5")], "run-5"),
        ([("trace-id", b"a1")], "a1"),
        ([("drill", None)], "3/7"),
        (None, "3/7"),
    ],
)
def test_a_record_is_known_by_the_drill_else_by_its_trace(headers: Any, number: str) -> None:
    assert number_of(cast(Message, Record(headers))) == number


def test_two_records_of_a_drill_are_never_the_same() -> None:
    assert len({identity(number) for number in range(100)}) == 100


def test_every_line_is_a_document_and_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    tell = Tell()
    tell.record("accepted", "source", "orders", "1")
    tell.record("read", "target", "orders", "1", group="readers")
    accepted, read = map(json.loads, capsys.readouterr().out.splitlines())
    assert (accepted["event"], accepted["record"], read["group"]) == ("accepted", "1", "readers")
    assert tell.seen("accepted", "source", "orders") == tell.seen("read", "target", "readers") == 1
    assert tell.written == {("orders", "1")}


def test_a_word_that_it_does_not_know_is_an_error() -> None:
    """With nothing to write and nothing to read it is ready at once."""
    with pytest.raises(ValueError, match="'start' is none of leave, abandon, consume, produce, plain, end"):
        Load(Production([], []), Tell()).run(["start"])


def test_without_further_words_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    Load(Production([], []), Tell()).run([])
    marks = [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]
    assert marks[-3:] == ["ready", "ended", "complete"]


def test_a_production_of_ones_own_is_read_from_a_file(tmp_path: Path) -> None:
    sides = {"source": "orders", "target": "east.orders"}
    login = {"source": {"a": 1}, "target": {"a": 2}}
    stream = {"name": "s", "content": "orders", "topics": sides, "writers": login, "logs": login, "rate": 1}
    group = {"name": "g", "stream": "s", "topics": sides, "readers": login, "running": False}
    file = tmp_path / "production.json"
    file.write_text(json.dumps({"streams": [{**stream, "first": 0}], "groups": [group]}))
    found = of_file(file)
    assert found.streams[0].logs["source"]["isolation.level"] == "read_committed"
    assert found.groups[0].readers["target"]["auto.offset.reset"] == "earliest"


def test_records_of_a_transaction_are_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    stream = Stream("s", "orders", {}, {}, {}, 1.0, 0, transactional=True)
    writer = Writer(stream, "source", 0, Tell())
    writer._told_all("aborted", range(10, 12))
    told = list(map(json.loads, capsys.readouterr().out.splitlines()))
    assert [one["record"] for one in told] == [identity(10), identity(11)]
    assert {(one["event"], one["transaction"]) for one in told} == {("aborted", identity(10))}


def test_a_cluster_that_is_gone_is_abandoned_without_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    """What was handed over is unknown. The address refuses every connection."""
    gone: dict[Side, dict[str, str]] = {"source": {"bootstrap.servers": "localhost:1"}}
    stream = Stream("s", "orders", {"source": "t"}, gone, {}, 100.0, 0)
    tell = Tell()
    writer = Writer(stream, "source", 0, tell)
    writer.start()
    until(lambda: writer.next > 0, 10)
    began = time.monotonic()
    writer.abandon()
    writer.end()
    assert time.monotonic() - began < 5
    assert tell.seen("unknown", "source", "s") == writer.next
    assert "accepted" not in capsys.readouterr().out
