"""Which copied users lack Write on the target, and what they get."""

from __future__ import annotations

from typing import Any

from mirror.cutover.users.judge import lacks_write, writing_patch


def spec(*operations: str, deny: bool = False) -> dict[str, Any]:
    resource = {"type": "topic", "name": "orders"}
    acls = [{"operations": ["Read", *operations], "resource": resource}]
    if deny:
        acls.append({"type": "deny", "operations": ["Write"], "resource": resource})
    return {"authorization": {"type": "simple", "acls": acls}}


def test_a_copy_that_lacks_write_gets_the_rules_of_the_source() -> None:
    assert lacks_write(spec(), spec("Write"))
    assert lacks_write(spec("Write", deny=True), spec("Write"))
    patch = writing_patch({"metadata": {"resourceVersion": "7"}, "spec": spec()}, spec("Write"))
    assert patch == {"metadata": {"resourceVersion": "7"}, "spec": spec("Write")}


def test_a_copy_that_may_write_is_left_alone() -> None:
    assert not lacks_write(spec("Write"), spec("Write"))
    assert not lacks_write(spec("Write", "Create"), spec("Write"))
    assert not lacks_write(spec(), spec())
    assert writing_patch({"spec": spec("Write")}, spec("Write")) is None
