"""What a failed lab test says of the workers: the last kinds of warnings and errors, each once."""

from __future__ import annotations

from tests.lab.support.shared_mirror import MOST_LINES, last_complaints


def test_each_kind_is_counted_and_the_newest_of_it_is_shown() -> None:
    log = [
        "2026-11-30 17:00:01 INFO  [main] Worker:1 - started",
        "2026-11-30 17:00:02 WARN  [admin-1] Client:2 - no answer of node 1",
        "2026-11-30 17:00:03 ERROR [task-0] Worker:3 - failed",
        "2026-11-30 17:00:04 WARN  [admin-1] Client:2 - no answer of node 2",
        "\tat org.apache.kafka.Client",
    ]
    assert last_complaints(log) == [f"1 x {log[2]}", f"2 x {log[3]}"]


def test_only_the_last_kinds_are_shown() -> None:
    log = [f"17:00:01 WARN  [main] Kind{chr(65 + kind)}:1 - of it" for kind in range(20)]
    assert last_complaints(log) == [f"1 x {line}" for line in log[-MOST_LINES:]]
