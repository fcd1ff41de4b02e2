"""A client that once got no answer may never get one again: the next question asks with another."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from mirror.clients import group_server
from mirror.clients.access import ScramCredential
from mirror.clients.group_helper import GroupHelper
from mirror.clients.group_offsets import GroupOffsets
from mirror.clients.group_server import serve
from mirror.clients.records import TopicPartition, Unread
from tests.unit.support.mock_kafka import PlainAccess

NOBODY = PlainAccess("127.0.0.1:1", "", ScramCredential("nobody", ""), "mock")


def served(monkeypatch: pytest.MonkeyPatch, answered: bool) -> list[Any]:
    """What the helper says when it is asked twice."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO('{}\n{"offsets": ["billing"]}\n{"offsets": ["billing"]}\n'))
    monkeypatch.setattr(sys, "stdout", said)
    monkeypatch.setattr(group_server, "AdminClient", lambda config: None)
    monkeypatch.setattr(group_server, "_offsets", lambda admin, groups: ({"billing": []}, answered))
    serve()
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_a_helper_goes_on_while_brokers_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert served(monkeypatch, answered=True) == [{"billing": []}] * 2


def test_a_helper_ends_with_its_answer_where_none_did(monkeypatch: pytest.MonkeyPatch) -> None:
    assert served(monkeypatch, answered=False) == [{"billing": []}]


def test_the_real_helper_ends_where_no_broker_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_server, "REQUEST_SECONDS", 1.0)
    said = io.StringIO()
    config = json.dumps({"bootstrap.servers": NOBODY.bootstrap_servers})
    monkeypatch.setattr(
        sys, "stdin", io.StringIO(f'{config}\n{{"offsets": ["a", "b"]}}\n{{"offsets": ["a"]}}\n')
    )
    monkeypatch.setattr(sys, "stdout", said)
    serve()
    (answers,) = [json.loads(line) for line in said.getvalue().splitlines()]
    assert set(answers) == {"a", "b"}
    assert all(isinstance(answer, str) for answer in answers.values())


def test_the_next_question_goes_to_another_helper(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    script = f"""
import os, sys
sys.stdin.readline()
sys.stdin.readline()
if os.path.exists({str(asked)!r}):
    print('{{"billing": [["orders", 0, 2, null]]}}', flush=True)
    sys.stdin.readline()
else:
    open({str(asked)!r}, "w").close()
    print('{{"billing": "Timed out"}}', flush=True)
"""
    with GroupHelper(NOBODY, [sys.executable, "-c", script]) as helper:
        offsets = GroupOffsets(helper)
        assert offsets.read(["billing"]) == {"billing": Unread("Timed out")}
        process = helper._process
        assert process is not None
        process.wait(30)
        assert offsets.read(["billing"]) == {"billing": {TopicPartition("orders", 0): 2}}
