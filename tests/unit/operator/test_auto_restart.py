"""When failed connectors are restarted: 0, 2, 6, 12 ... minutes after the last time, at most 60."""

import datetime as dt

import pytest

from lab.operator.mirror_maker2.auto_restart import backoff_minutes, has_failed, incremented, is_due, is_over


def restarted(count: int, minutes_ago: float) -> dict[str, object]:
    then = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes_ago)
    stamp = f"{then:%Y-%m-%dT%H:%M:%S}.725718217Z"
    return {"connectorName": "c", "count": count, "lastRestartTimestamp": stamp}


def test_backoff() -> None:
    assert [backoff_minutes(count) for count in range(9)] == [0, 2, 6, 12, 20, 30, 42, 56, 60]


@pytest.mark.parametrize(
    ("count", "minutes", "most", "due"),
    [
        (1, 1.5, None, False),
        (1, 2.1, None, True),
        (3, 11, None, False),
        (3, 13, None, True),
        (3, 13, 3, False),
    ],
)
def test_due(count: int, minutes: float, most: int | None, due: bool) -> None:
    assert is_due(restarted(count, minutes), most) is due


def test_the_first_restart_is_due_at_once() -> None:
    assert is_due(None, 0)
    assert is_due({"count": 2}, None)


@pytest.mark.parametrize(("minutes", "over"), [(2.5, False), (3.1, True)])
def test_forgotten_only_after_more_than_the_backoff(minutes: float, over: bool) -> None:
    assert is_over(restarted(1, minutes)) is over


def test_nothing_to_forget() -> None:
    assert not is_over(None)
    assert not is_over(restarted(0, 100))


def test_counting() -> None:
    first = incremented(None, "c")
    assert (first["count"], first["connectorName"]) == (1, "c")
    assert incremented(first, "c")["count"] == 2


@pytest.mark.parametrize(
    ("connector", "tasks", "failed"),
    [("RUNNING", [], False), ("FAILED", [], True), ("RUNNING", ["RUNNING", "FAILED"], True)],
)
def test_failures(connector: str, tasks: list[str], failed: bool) -> None:
    status = {
        "connector": {"state": connector},
        "tasks": [{"id": i, "state": s} for i, s in enumerate(tasks)],
    }
    assert has_failed(status) is failed
