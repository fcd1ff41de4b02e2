"""What is copied of a KafkaUser that a cutover has fenced on the source."""

from __future__ import annotations

import json
from typing import Any

from mirror.estate.fenced_user import PREFIX, spec_without_fence

WRITE = {"operations": ["Read", "Write"], "resource": {"type": "topic", "name": "orders"}}


def deny(topic: str) -> dict[str, Any]:
    resource = {"type": "topic", "name": topic, "patternType": "literal"}
    return {"type": "deny", "resource": resource, "operations": ["Write"], "host": "*"}


def user(*acls: dict[str, Any], noted: str | None) -> dict[str, Any]:
    annotations = {} if noted is None else {f"{PREFIX}east-to-west": noted}
    return {
        "metadata": {"annotations": annotations},
        "spec": {"authorization": {"type": "simple", "acls": list(acls)}},
    }


def acls(of: dict[str, Any]) -> list[Any]:
    return list(spec_without_fence(of)["authorization"]["acls"])


def test_deny_rules_of_others_are_copied() -> None:
    assert acls(user(WRITE, deny("orders"), noted=None)) == [WRITE, deny("orders")]
    assert acls(user(WRITE, deny("a"), deny("b"), noted=json.dumps([deny("a")]))) == [WRITE, deny("b")]


def test_a_damaged_annotation_removes_nothing() -> None:
    for noted in ("{", "3", '["x"]'):
        assert acls(user(WRITE, deny("orders"), noted=noted)) == [WRITE, deny("orders")]


def test_the_rules_of_a_fence_are_not_copied() -> None:
    assert acls(user(WRITE, deny("orders"), noted=json.dumps([deny("orders")]))) == [WRITE]
    assert spec_without_fence({"metadata": {}}) == {}


def test_a_rule_that_a_fence_has_in_common_with_others_is_copied_once() -> None:
    noted = json.dumps([deny("orders")])
    assert acls(user(deny("orders"), deny("orders"), noted=noted)) == [deny("orders")]
