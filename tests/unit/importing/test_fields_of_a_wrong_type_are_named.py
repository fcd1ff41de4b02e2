"""A file that nobody has applied yet: a field of a wrong type is named, and no traceback is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from mirror.importing.found import resource_in
from mirror.importing.unread import unread
from mirror.problems import CouldNotRun
from policy.examples import SOUND, changed

MIRROR = ("spec", "mirrors", 0)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("spec",), "x", "spec is a text instead of a mapping"),
        (("spec", "mirrors"), {"a": 1}, "spec.mirrors is a mapping instead of a list"),
        (MIRROR, "x", "spec.mirrors[0] is a text instead of a mapping"),
        ((*MIRROR, "source"), ["x"], "spec.mirrors[0].source is a list instead of a mapping"),
        (
            (*MIRROR, "sourceConnector", "config"),
            "x",
            "spec.mirrors[0].sourceConnector.config is a text instead of a mapping",
        ),
        ((*MIRROR, "topicsPattern"), ["a"], "spec.mirrors[0].topicsPattern is a list instead of a text"),
        (("spec", "replicas"), "three", "spec.replicas is a text instead of a whole number"),
        (("spec", "replicas"), True, "spec.replicas is true or false instead of a whole number"),
        (("spec", "logging"), 1.5, "spec.logging is a number with a point instead of a mapping"),
        (("metadata",), "x", "metadata is a text instead of a mapping"),
    ],
)
def test_a_field_of_a_wrong_type_is_named(path: tuple[str | int, ...], value: Any, told: str) -> None:
    with pytest.raises(CouldNotRun) as caught:
        resource_in(json.dumps(changed(SOUND, (path, value))), "mm2.yaml", "")
    assert caught.value.happened == told


def test_all_are_named_together() -> None:
    wrong = changed(SOUND, (("spec", "replicas"), "1"), ((*MIRROR, "source", "config"), "x"))
    with pytest.raises(CouldNotRun, match=r"spec.mirrors\[0\].source.config is a text .*; spec.replicas is"):
        resource_in(json.dumps(wrong), "mm2.yaml", "")


def test_what_is_absent_or_null_is_no_fault() -> None:
    assert resource_in(json.dumps(changed(SOUND, (("spec", "logging"), None))), "mm2.yaml", "") is not None


def test_one_that_is_not_chosen_may_be_wrong() -> None:
    wrong = changed(SOUND, (("spec",), "x"), (("metadata", "name"), "other"))
    both = json.dumps({"kind": "List", "items": [wrong, changed(SOUND)]})
    found = resource_in(both, "all.yaml", "east-to-west")
    assert found is not None
    assert found["metadata"]["name"] == "east-to-west"


def test_what_looks_like_a_date_is_a_text() -> None:
    """It ended as an error in region-mirror itself. To Kubernetes it is a text."""
    text = yaml.safe_dump(SOUND).replace(
        "metadata:", "metadata:\n  labels: {released: 2026-11-01, sign: =}", 1
    )
    found = resource_in(text, "mirror.yaml", "")
    assert found is not None
    told = {one.key: one.theirs for one in unread(found)}
    assert told == {"labels.released": "2026-11-01", "labels.sign": "="}
