"""What annotations on a KafkaMirrorMaker2 ask of its connectors."""

from typing import Any

import pytest

from lab.operator.failures import Failure
from lab.operator.mirror_maker2 import annotations
from lab.operator.mirror_maker2.annotations import Restart

NAME = "src->tgt.MirrorSourceConnector"


@pytest.mark.parametrize(
    ("value", "restart"),
    [
        (NAME, Restart(False, False)),
        (f"{NAME}:includeTasks", Restart(True, False)),
        (f"{NAME}:includeTasks,onlyFailed", Restart(True, True)),
        ("src->tgt.MirrorCheckpointConnector", None),
    ],
)
def test_restart(value: str, restart: Restart | None) -> None:
    assert annotations.restart({annotations.RESTART: value}, NAME) == restart


@pytest.mark.parametrize("value", [f"{NAME}:all", f"{NAME}:includeTasks:onlyFailed", f"x{NAME}"])
def test_restart_that_makes_no_sense(value: str) -> None:
    with pytest.raises(ValueError, match="Invalid annotation format"):
        annotations.restart({annotations.RESTART: value}, NAME)


@pytest.mark.parametrize(
    ("value", "task"), [(f"{NAME}:3", 3), (f" {NAME}:0 ", 0), (NAME, None), ("x:1", None)]
)
def test_restart_task(value: str, task: int | None) -> None:
    assert annotations.restart_task({annotations.RESTART_TASK: value}, NAME) == task


def resource(**given: str) -> dict[str, Any]:
    return {"metadata": {"name": "dr", "namespace": "mm2", "annotations": given}}


def test_offsets_need_both_annotations() -> None:
    both = {annotations.OFFSETS: "list", annotations.OFFSETS_CONNECTOR: NAME}
    assert annotations.offsets_operation(resource(**both), NAME) == "list"
    assert annotations.offsets_operation(resource(**both), "other") == "none"
    assert annotations.offsets_operation(resource(), NAME) == "none"
    for present, missing in ((0, 1), (1, 0)):
        keys = (annotations.OFFSETS, annotations.OFFSETS_CONNECTOR)
        with pytest.raises(Failure, match=f"mm2/dr is missing annotation {keys[missing]}"):
            annotations.offsets_operation(resource(**{keys[present]: "list"}), NAME)


def test_the_key_in_a_config_map() -> None:
    assert annotations.offsets_key(NAME) == "src--tgt.MirrorSourceConnector.json"
