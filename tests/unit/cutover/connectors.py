"""A made-up KafkaMirrorMaker2 with two mirrors, for the tests of its connectors."""

from __future__ import annotations

from typing import Any

CHECKPOINTS = "east->west.MirrorCheckpointConnector"


def resource(state: str | None = "running", runs: str = "RUNNING", tasks: int = 1) -> dict[str, Any]:
    connector = {"config": {"a": "b"}} | ({"state": state} if state else {})
    tasks_there = [{"id": one, "state": "RUNNING"} for one in range(tasks)]
    status = {"name": CHECKPOINTS, "connector": {"state": runs}, "tasks": tasks_there}
    return {
        "kind": "KafkaMirrorMaker2",
        "metadata": {
            "name": "east-to-west", "namespace": "kafka", "generation": 3, "resourceVersion": "17",
            "annotations": {"region-mirror/mirror": "east-to-west"},
        },
        "spec": {
            "mirrors": [
                {"source": {"alias": "north"}, "sourceConnector": {}, "checkpointConnector": {}},
                {"source": {"alias": "east"}, "sourceConnector": {"state": "running"},
                 "checkpointConnector": connector, "topicsPattern": "orders"},
            ]
        },
        "status": {"observedGeneration": 3, "connectors": [status]},
    }  # fmt: skip
