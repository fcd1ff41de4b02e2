"""A stack file that contradicts what was moved is refused with the reason, never silently reverted."""

from __future__ import annotations

import pytest

from manifests.metadata import MOVED
from manifests.strimzi.moved import moved_of, moved_text
from mirror.mm2.moved import moved_contradiction
from settings.model import MovedSettings

ORDERS = MovedSettings(("orders",), ("readers",))
NOTHING = MovedSettings()


def refused(declared: MovedSettings, there: MovedSettings, **annotations: str) -> str:
    resource = {"metadata": {"annotations": {MOVED: moved_text(there), **annotations}}}
    return moved_contradiction("east-to-west", declared, resource) or ""


def test_a_topic_or_a_group_that_is_taken_back_is_refused() -> None:
    found = refused(NOTHING, ORDERS)
    assert "topic orders and group readers moved to the target already" in found
    assert found.endswith("Set `mirror.moved: {topics: [orders], groups: [readers]}` in the stack file.")
    assert "group readers moved" in refused(MovedSettings(("orders",)), ORDERS)


def test_a_topic_that_was_not_moved_is_refused() -> None:
    found = refused(ORDERS.with_more(["bills"], []), ORDERS)
    assert "the stack file names topic bills in `mirror.moved`, but they have not been moved" in found
    assert "Run `region-mirror cutover --topic` first" in found
    assert moved_contradiction("east-to-west", ORDERS, {"metadata": {}}) is not None


def test_what_agrees_and_a_first_deployment_are_not_refused() -> None:
    assert refused(MovedSettings(("b", "a"), ()), MovedSettings(("a", "b"), ())) == ""
    assert moved_contradiction("east-to-west", ORDERS, None) is None
    promoted = {"region-mirror/phase": "promoted"}
    assert refused(ORDERS, NOTHING, **promoted) == "", "nothing is mirrored any more"
    assert "moved to the target already" in refused(NOTHING, ORDERS, **promoted)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"topics": "orders"}', "null"])
def test_an_annotation_that_nobody_can_read_records_nothing(text: str) -> None:
    assert moved_of({"metadata": {"annotations": {MOVED: text}}}) == NOTHING
    assert moved_of(None) == NOTHING


def test_the_order_of_names_does_not_matter() -> None:
    one, other = MovedSettings(("b", "a"), ("d", "c")), MovedSettings(("a", "b"), ("c", "d"))
    assert moved_text(one) == moved_text(other) == '{"topics":["a","b"],"groups":["c","d"]}'
