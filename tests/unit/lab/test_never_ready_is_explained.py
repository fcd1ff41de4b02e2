"""A process that never serves ends in one message: what is amiss, where its log is, what it said last."""

from __future__ import annotations

import pytest

from lab.errors import LabError
from lab.files import write_json
from lab.layout import Lab
from lab.waiting import wait_ready
from tests.unit.lab.support import sleeper, start


def test_the_message_names_reason_log_and_last_lines(lab: Lab) -> None:
    lab.logs.mkdir()
    lab.log("east-kafka").write_text("\n".join(f"line {number}" for number in range(100)))
    start(lab, "east-kafka")
    with pytest.raises(LabError) as error:
        wait_ready(lab, sleeper("east-kafka"), lambda: "nobody listens on localhost:20001", 0.3)
    message = str(error.value)
    assert "east-kafka is not ready after 0 s: nobody listens on localhost:20001" in message
    assert str(lab.log("east-kafka")) in message
    assert "line 99" in message
    assert "line 80" not in message


def test_a_process_that_does_not_run_is_not_asked(lab: Lab) -> None:
    with pytest.raises(LabError, match="it does not run"):
        wait_ready(lab, sleeper("east-kafka"), lambda: pytest.fail("asked"), 0.3)


def test_a_process_that_runs_as_declared_before_is_not_ready(lab: Lab) -> None:
    start(lab, "east-kafka")
    with pytest.raises(LabError, match="still runs as it was declared before"):
        wait_ready(lab, sleeper("east-kafka", ("sleep", "1")), lambda: None, 0.3)


def test_one_that_ends_again_and_again_is_not_waited_for(lab: Lab) -> None:
    lab.run.mkdir()
    asked = 0

    def unready() -> str:
        nonlocal asked
        asked += 1
        write_json(lab.run / "east-kafka.json", {"restarts": asked})
        return "no answer"

    start(lab, "east-kafka")
    with pytest.raises(LabError, match="ends by itself again and again; no answer"):
        wait_ready(lab, sleeper("east-kafka"), unready, 60)


def test_a_ready_process_is_not_waited_for(lab: Lab) -> None:
    start(lab, "east-kafka")
    wait_ready(lab, sleeper("east-kafka"), lambda: None, 5)
