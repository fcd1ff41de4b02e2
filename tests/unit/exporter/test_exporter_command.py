"""What the command line takes, and what it refuses in one message."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.commands import exporter as command
from mirror.commands.exporter import address, checks_of, exporter, seconds_of
from mirror.problems import CouldNotRun
from mirror.verify.register import NAMES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:9404", ("127.0.0.1", 9404)),
        (":9404", ("0.0.0.0", 9404)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:1", ("localhost", 1)),
    ],
)
def test_where_it_listens(text: str, expected: tuple[str, int]) -> None:
    assert address(text) == expected


@pytest.mark.parametrize("text", ["9404", "", "host:", "host:-1", "host:70000", "::1:80", "host:http"])
def test_no_address(text: str) -> None:
    with pytest.raises(CouldNotRun, match="HOST:PORT"):
        address(text)


@pytest.mark.parametrize(("text", "expected"), [("60s", 60), ("5m", 300), ("1h", 3600), ("7.5", 7.5)])
def test_how_often_it_looks(text: str, expected: float) -> None:
    assert seconds_of(text) == expected


@pytest.mark.parametrize("text", ["", "1s", "0", "25h", "-60s", "1 m", "minute", "1e3"])
def test_no_interval(text: str) -> None:
    with pytest.raises(CouldNotRun, match="5s to 24h"):
        seconds_of(text)


def test_an_unknown_check_is_named_before_anything_else() -> None:
    with pytest.raises(CouldNotRun, match="there is no check lagg"):
        exporter(stack="lab", check=["lagg"])


def test_by_default_nobody_logs_in_as_a_copied_user() -> None:
    assert checks_of((), copied_users=False) == tuple(one for one in NAMES if one != "users-work")
    assert checks_of((), copied_users=True) == NAMES
    assert checks_of(["lag", "users-work"], copied_users=True) == ("lag", "users-work")


@pytest.mark.parametrize(
    ("arguments", "logs_in"),
    [
        ({}, False),
        ({"check": ["users-work"]}, True),
        ({"copied_users": True}, True),
        ({"check": ["lag"]}, False),
    ],
)
def test_whoever_names_users_work_asks_for_it(
    arguments: dict[str, Any], logs_in: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(command, "choose", lambda *_: None)
    monkeypatch.setattr(command, "run", lambda *args, **kwargs: asked.update(kwargs, checks=args[4]))
    exporter(stack="lab", **arguments)
    assert asked["copied_users"] is logs_in
    assert ("users-work" in asked["checks"]) is logs_in
