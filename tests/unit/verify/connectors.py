"""A made-up KafkaMirrorMaker2 whose connectors run, for the tests of connectors-running."""

from __future__ import annotations

import copy
from typing import Any

from mirror.verify.checks.connectors_running import judge
from mirror.verify.report import CheckResult
from settings.names import Names
from tests.unit.support.made_up import settings

SOURCE, CHECKPOINT = "east->west.MirrorSourceConnector", "east->west.MirrorCheckpointConnector"


TRACE = """org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception
\tat org.apache.kafka.connect.Somewhere(Somewhere.java:1)
Caused by: org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized
\t... 3 more"""


def connector(name: str, state: str = "RUNNING", tasks: tuple[str, ...] = ("RUNNING",)) -> dict[str, Any]:
    return {
        "name": name,
        "connector": {"state": state, "worker_id": "w"},
        "tasks": [{"id": number, "state": task, "worker_id": "w"} for number, task in enumerate(tasks)],
    }


HEALTHY: dict[str, Any] = {
    "metadata": {"name": "east-to-west", "namespace": "kafka", "generation": 3},
    "status": {
        "observedGeneration": 3,
        "conditions": [{"type": "Ready", "status": "True"}],
        "connectors": [connector(CHECKPOINT), connector(SOURCE)],
    },
}


def judged(
    resource: dict[str, Any], *, topics_match: bool = True, groups_match: bool = False, state: str = "running"
) -> CheckResult:
    return judge(
        resource,
        Names.of(settings()),
        topics_match=topics_match,
        groups_match=groups_match,
        declared_state=state,
    )


def changed(**status: Any) -> dict[str, Any]:
    resource = copy.deepcopy(HEALTHY)
    resource["status"] |= status
    return resource
