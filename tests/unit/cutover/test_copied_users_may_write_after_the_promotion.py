"""Which copied users lack Write on the target, and what they get."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MIRROR
from manifests.strimzi.kafka_user import copied_user
from mirror.cutover.step import World
from mirror.cutover.users.judge import lacks_write, without_standby, writing_patch
from mirror.cutover.users.read import let_write, not_applied
from mirror.estate.kafka_user_acls import rules_of
from mirror.problems import CouldNotRead
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes
from tests.unit.support.memory_api import MemoryApi


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


def test_a_rule_that_the_copy_does_not_have_at_all_is_missing() -> None:
    other = {"operations": ["Write"], "resource": {"type": "topic", "name": "payments"}}
    wanted = spec("Write")
    wanted["authorization"]["acls"].append(other)
    assert lacks_write(spec("Write"), wanted)
    assert lacks_write({}, wanted)
    assert not lacks_write(wanted, spec("Write"))
    assert not lacks_write({}, spec()), "reading is no writing"


def test_only_a_deny_of_writing_that_the_source_has_not_counts() -> None:
    denied = spec("Write", deny=True)
    assert not lacks_write(denied, denied), "the source's user has the same rule"
    copy = spec("Write")
    copy["authorization"]["acls"].append(
        {"type": "deny", "operations": ["Delete"], "resource": {"type": "topic", "name": "orders"}}
    )
    assert not lacks_write(copy, spec("Write"))
    fewer = spec("Write", "Delete")
    assert not lacks_write(fewer, {}), "more rights than the source's user has are no lack"


def test_a_copy_of_a_user_that_has_lost_its_acls_on_the_source_loses_its_own() -> None:
    patch = writing_patch({"metadata": {"resourceVersion": "7"}, "spec": spec("Write", deny=True)}, {})
    assert patch == {"metadata": {"resourceVersion": "7"}, "spec": {"authorization": None}}
    assert writing_patch({"spec": spec("Write")}, {}) is None
    bare = writing_patch({}, spec("Write"))
    assert bare == {"metadata": {"resourceVersion": None}, "spec": spec("Write")}


def test_where_standbys_may_write_a_copy_keeps_its_rules() -> None:
    denied = copied_user(settings(), "ann", spec("Write"))["spec"]
    allows = settings(users__standby_writes="allow")
    assert without_standby(allows, denied) is denied
    quotas = {"quotas": {"producerByteRate": 1}}
    assert without_standby(settings(), quotas) is quotas
    kept = without_standby(settings(), {**denied, **quotas})
    assert kept["quotas"] == quotas["quotas"]
    assert kept["authorization"]["type"] == "simple"


def test_the_promotion_removes_the_rules_of_a_standby_and_no_other() -> None:
    """Also where the source is lost: the copy alone says what to remove."""
    for given in (spec("Write"), spec("Write", deny=True)):
        standby = copied_user(settings(), "ann", given)["spec"]
        promoted = copied_user(settings().in_phase("promoted"), "ann", given)["spec"]
        assert standby != promoted
        assert rules_of(without_standby(settings(), standby)) == rules_of(promoted)
    assert lacks_write(copied_user(settings(), "ann", spec("Write"))["spec"], spec("Write"))


def test_a_copy_may_write_once_the_user_operator_has_applied_it() -> None:
    west = FakeKubernetes("west")

    def copy(name: str, observed: int, mirror: str = "east-to-west") -> None:
        west.resources[("KafkaUser", name)] = {
            "metadata": {"name": name, "generation": 2, "annotations": {MIRROR: mirror}},
            "status": {
                "observedGeneration": observed,
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }

    copy("orders-producer", 1)
    copy("orders-consumer", 2)
    copy("of-another-mirror", 1, mirror="another")
    world = cast(World, SimpleNamespace(settings=settings(), target_kubernetes=west))
    assert list(not_applied(world)) == ["orders-producer"]
    copy("orders-producer", 2)
    assert not_applied(world) == {}


def test_one_copy_that_may_not_be_changed_keeps_no_other_from_writing() -> None:
    api = MemoryApi()
    for name in ("billing", "orders", "stock"):
        user = {"kind": "KafkaUser", "metadata": {"name": name, "namespace": "kafka"}, "spec": spec()}
        api.put(api.strimzi_path("KafkaUser", "kafka", name), user)
    api.forbidden.add(api.strimzi_path("KafkaUser", "kafka", "billing"))
    world = cast(World, SimpleNamespace(target_kubernetes=api, settings=settings()))
    with pytest.raises(CouldNotRead, match="forbidden"):
        let_write(world, dict.fromkeys(("billing", "orders", "stock"), spec("Write")))
    written = [
        name for name in ("billing", "orders", "stock") if not lacks_write(now(api, name), spec("Write"))
    ]
    assert written == ["orders", "stock"], "the others may write; the next look names the one that may not"


def now(api: MemoryApi, name: str) -> dict[str, Any]:
    found: dict[str, Any] = api.strimzi("KafkaUser", "kafka", name)["spec"]
    return found
