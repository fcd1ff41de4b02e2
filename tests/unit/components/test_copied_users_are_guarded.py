"""A user that a mirror no longer copies is not deleted while clients use it."""

from __future__ import annotations

import pytest

from components.destroy_guard import DestroyGuardProvider
from mirror.cutover.teardown.judge import OVERRIDE, Use
from mirror.estate.kafka_user_acls import AclRule
from tests.unit.components.guarded import IN_USE, Clusters, copying


def reading_groups(prefix: str) -> list[AclRule]:
    return [AclRule("group", prefix, True, frozenset({"Read"}))]


def test_a_user_in_use_that_is_no_longer_copied_is_refused(use: Clusters) -> None:
    """The source's KafkaUser was deleted after its client had moved: a deployment would lock it out."""
    use["east-to-west"] = IN_USE
    use.acls = {"billing": reading_groups("bill")}
    (failure,) = DestroyGuardProvider().check(copying("billing", "ledger"), copying("ledger")).failures
    assert "deleting 1 copied KafkaUser on west is refused. Nothing has been deleted" in failure.reason
    assert "No longer copied: billing." in failure.reason
    assert "billing: 1 member (c at h)" in failure.reason
    assert "`pulumi state delete`" in failure.reason
    assert f"{OVERRIDE}=east-to-west" in failure.reason


def test_a_user_whose_acls_are_not_known_may_read_every_group(use: Clusters) -> None:
    use["east-to-west"] = IN_USE
    use.acls = {"billing": None}
    assert DestroyGuardProvider().check(copying("billing"), copying()).failures


def test_a_target_that_does_not_answer_is_refused(use: Clusters) -> None:
    use["east-to-west"] = Use(unknown=["whether clients use west: no broker answers"])
    use.acls = {"billing": None}
    (failure,) = DestroyGuardProvider().check(copying("billing"), copying()).failures
    assert "Unknown: whether clients use west" in failure.reason


@pytest.mark.parametrize("acls", [{}, {"billing": []}, {"billing": reading_groups("other-")}])
def test_a_user_that_reads_no_group_in_use_may_be_deleted(
    acls: dict[str, list[AclRule] | None], use: Clusters
) -> None:
    """Or that was deleted by hand."""
    use["east-to-west"] = IN_USE
    use.acls = acls
    assert DestroyGuardProvider().check(copying("billing"), copying()).failures == []


def test_the_override_also_deletes_users(use: Clusters, monkeypatch: pytest.MonkeyPatch) -> None:
    use["east-to-west"] = IN_USE
    use.acls = {"billing": None}
    monkeypatch.setenv(OVERRIDE, "east-to-west")
    assert DestroyGuardProvider().check(copying("billing"), copying()).failures == []


def test_users_that_are_retained_from_now_on_or_were_are_not_asked_for(use: Clusters) -> None:
    use["east-to-west"] = IN_USE
    use.acls = {"billing": None}
    retained = copying()
    retained["mirrors"]["east-to-west"]["retained"] = ["billing"]
    assert DestroyGuardProvider().check(copying("billing"), retained).failures == []
    assert DestroyGuardProvider().check(retained, copying()).failures == []


def test_another_listener_of_the_same_target_deletes_no_user(use: Clusters) -> None:
    use["east-to-west"] = IN_USE
    use.acls = {"billing": None}
    now = copying("billing", target__kubeconfig="moved.kubeconfig", target__listener="other")
    assert DestroyGuardProvider().check(copying("billing"), now).failures == []


def test_another_namespace_deletes_the_users_of_the_former_one(use: Clusters) -> None:
    use["east-to-west"] = IN_USE
    now = copying("billing", target__namespace="other")
    (failure,) = DestroyGuardProvider().check(copying("billing"), now).failures
    assert "deletes 1 copied KafkaUsers" in failure.reason
    assert "not mirrored yet" not in failure.reason
