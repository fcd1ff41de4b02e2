"""A KafkaUser is ready when its operator says so of its present generation; otherwise it is told why not."""

from __future__ import annotations

from typing import Any

import pytest

from lab.workload.kafka_users import readiness

READY = {"type": "Ready", "status": "True"}


def user(generation: int, **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "u", "generation": generation}, "status": status or None}


def test_ready_in_its_present_generation() -> None:
    assert readiness(user(2, observedGeneration=2, conditions=[READY])) is None


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        (user(1), "no operator has seen it"),
        (user(2, observedGeneration=1, conditions=[READY]), "has not been seen yet"),
        (
            user(
                1,
                observedGeneration=1,
                conditions=[
                    {"type": "NotReady", "status": "True", "reason": "Invalid", "message": "bad ACL"}
                ],
            ),
            "Invalid: bad ACL",
        ),
        (user(1, observedGeneration=1, conditions=[]), "not Ready"),
    ],
    ids=["unseen", "stale", "refused", "silent"],
)
def test_what_keeps_it_from_being_ready(resource: dict[str, Any], told: str) -> None:
    assert told in str(readiness(resource))
