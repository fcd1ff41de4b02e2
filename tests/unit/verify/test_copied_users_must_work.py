"""users-work: each user's login and permissions, and every reason why a login or a permission is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mirror.problems import Finding
from mirror.verify.checks.users_work import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.user_login import Lacking, Tried, UserOnTarget


def verdict(*users: UserOnTarget, **more: Any) -> CheckResult:
    return judge(users, namespace="kafka", **more)


GOOD = UserOnTarget("shop", "scram-sha-512", tried=Tried(rights=4))


def test_users_that_log_in_and_hold_their_rights_pass() -> None:
    result = verdict(GOOD, UserOnTarget("app", "tls", tried=Tried(rights=2)))
    assert result.passed
    assert result.summary == "2 of 2 copied users logged in; 6 of their permissions confirmed"


def test_where_nobody_is_copied_it_says_so() -> None:
    assert verdict().summary == "no user is copied"


def test_users_that_keep_their_certificate_are_judged_by_the_ca_alone_and_it_says_so() -> None:
    result = verdict(UserOnTarget("app", "tls-external"))
    assert result.passed
    assert "1 with kept certificates are judged by their CA alone" in result.summary
    trust = [Finding("users.tls keep-certificate", "the CA is not trusted", "add it")]
    assert not verdict(UserOnTarget("app", "tls-external"), trust=trust).passed


def test_that_the_source_was_not_looked_at_is_said() -> None:
    result = verdict(GOOD, not_compared="its Kubernetes did not answer")
    assert result.passed
    assert result.summary.endswith("not compared with the source: its Kubernetes did not answer")


@pytest.mark.parametrize(
    ("user", "message"),
    [
        (replace(GOOD, tried=Tried(refused="login refused: bad password")), "cannot log in on the target"),
        (
            replace(GOOD, tried=Tried(lacking=(Lacking("topic", "orders", ("Read", "Write")),))),
            "it may not Read, Write on topic orders of the target",
        ),
        (replace(GOOD, tried=Tried(unasked=("no answer in time",))), "no answer in time"),
        (replace(GOOD, unready="its KafkaUser is not Ready"), "not Ready"),
        (replace(GOOD, differs=("its password on the target is not the source's",)), "not the source's"),
        (replace(GOOD, tried=None, unread=Finding("user shop", "forbidden", "allow it")), "forbidden"),
    ],
)
def test_whatever_is_wrong_with_a_user_is_a_finding_of_its_name(user: UserOnTarget, message: str) -> None:
    [finding] = verdict(user).findings
    assert finding.subject == "user shop"
    assert message in finding.message
    assert finding.remedy


def test_a_user_that_is_not_there_is_missed() -> None:
    [finding] = verdict(missing=["shop"]).findings
    assert finding.subject == "user shop"
    assert "no KafkaUser kafka/shop of this mirror" in finding.message
    assert finding.remedy == "`pulumi up` declares it"


def test_the_remedy_of_a_user_that_cannot_log_in_names_its_kafka_user() -> None:
    [finding] = verdict(replace(GOOD, tried=Tried(refused="bad password"))).findings
    assert "kubectl annotate kafkauser shop -n kafka --overwrite" in finding.remedy
    [finding] = verdict(replace(GOOD, tried=Tried(refused="unknown CA", remedy="trust it"))).findings
    assert finding.remedy == "trust it"


def test_a_permission_on_the_cluster_is_named_as_such() -> None:
    lacking = Lacking("cluster", "kafka-cluster", ("IdempotentWrite",))
    [finding] = verdict(replace(GOOD, tried=Tried(lacking=(lacking,)))).findings
    assert finding.message.startswith("it may not IdempotentWrite on the cluster of the target")


def test_the_summary_names_all_that_was_not_confirmed() -> None:
    bare = [replace(GOOD, name=f"u{number}", tried=Tried(rights=0), acls=0) for number in range(6)]
    others = [
        UserOnTarget("app", "tls-external"),
        UserOnTarget("batch", None),
        replace(GOOD, read_only=True),
    ]
    result = verdict(*bare, *others, not_compared="forbidden")
    assert result.passed
    assert result.summary == (
        "7 of 9 copied users logged in; 4 of their permissions confirmed; "
        "1 with kept certificates are judged by their CA alone; 1 have no credential; "
        "6 have no ACL, so no permission of theirs was confirmed (u0, u1, u2, u3, u4, …); "
        "1 may write to mirrored topics after the promotion only; not compared with the source: forbidden"
    )
    assert "(u0, u1, u2, u3, u4);" in verdict(*bare[:5], *others).summary


def test_the_facts_hold_every_user_and_the_summary_counts_the_wrong_ones() -> None:
    refused = replace(GOOD, name="bad", tried=Tried(refused="bad password"), differs=("other rules",))
    result = verdict(GOOD, refused, UserOnTarget("app", "tls-external"), missing=["gone"], not_compared="x")
    assert result.name == "users-work"
    assert result.summary == "2 of 4 copied users cannot log in, or lack permissions"
    scram = {"authentication": "scram-sha-512", "judged_by": "login"}
    assert result.facts == {
        "compared_with_source": False,
        "users": {
            "shop": {**scram, "logged_in": True, "rights_confirmed": 4},
            "bad": {**scram, "logged_in": False, "rights_confirmed": 0},
            "app": {
                "authentication": "tls-external",
                "logged_in": None,
                "rights_confirmed": 0,
                "judged_by": "the CA alone",
            },
        },
    }
    assert verdict(GOOD).facts["compared_with_source"] is True


def test_a_user_without_acls_is_named_because_nothing_of_it_was_confirmed() -> None:
    """Its permissions may come from the source's broker configuration, which may not be readable."""
    bare = replace(GOOD, tried=Tried(rights=0), acls=0)
    result = verdict(bare)
    assert result.passed
    assert f"1 have no ACL, so no permission of theirs was confirmed ({bare.name})" in result.summary


def test_a_user_whose_permissions_on_the_source_are_not_acls_fails() -> None:
    more = Finding(GOOD.subject, "east permits more than ACLs (its superUsers contain shop)", "give it ACLs")
    result = verdict(GOOD, fewer=[more])
    assert not result.passed
    assert list(result.findings) == [more]
