"""users-work: each user's login and rights, and every reason why there is none; no secret in any of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from manifests.metadata import MIRROR
from manifests.strimzi.kafka_user import copied_user
from mirror.clients.access import ScramCredential, TlsCredential
from mirror.estate import certificates
from mirror.estate.kafka_listeners import taking
from mirror.estate.origin import Content, SourceUser
from mirror.estate.target_clients import unready
from mirror.problems import CouldNotRead, Finding
from mirror.verify.checks.users_work import judge
from mirror.verify.reading.copied_users import CopiedUser, read_copied_users
from mirror.verify.reading.users import _differs
from mirror.verify.report import CheckResult
from mirror.verify.values.user_login import Lacking, Tried, UserOnTarget
from settings.load import load
from settings.model import Settings
from tests.unit.support.fake_kubernetes import FakeKubernetes
from tests.unit.support.pki import NOW, issue

PASSWORD = "quite-secret"
CA = issue("clients-ca v0")


def settings(*copy: str, **users: Any) -> Settings:
    return load({
        "source": {
            "alias": "east", "cluster": "east", "namespace": "kafka", "listener": "scram",
            "authentication": "scram-sha-512", "user": "mirror-source",
        },
        "target": {
            "alias": "west", "cluster": "west", "namespace": "kafka", "listener": "mtls",
            "authentication": "tls",
        },
        "mirror": {"name": "east-to-west", "topics": ["orders"]},
        "users": {"copy": list(copy), **users},
    })  # fmt: skip


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


def test_ready_means_seen_in_its_newest_generation() -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 2}
    assert unready({"metadata": {"generation": 2}, "status": ready}) is None
    assert "generation 2" in str(unready({"metadata": {"generation": 3}, "status": ready}))
    assert "has not looked" in str(unready({}))
    failed = {"conditions": [{"type": "NotReady", "status": "True", "reason": "InvalidResource"}]}
    assert "InvalidResource" in str(unready({"status": failed}))


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


def kafka_user(name: str, authentication: dict[str, Any], mirror: str = "east-to-west") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "kafka", "annotations": {MIRROR: mirror}, "generation": 1},
        "spec": {"authentication": authentication},
        "status": {"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 1},
    }


def scram(secret: str) -> dict[str, Any]:
    reference = {"name": secret, "key": "password"}
    return {"type": "scram-sha-512", "password": {"valueFrom": {"secretKeyRef": reference}}}


@pytest.fixture
def west() -> FakeKubernetes:
    """Users shop (SCRAM) and app (TLS) of this mirror, and one of somebody else."""
    side = FakeKubernetes("west")
    app = issue("app", CA)
    side.resources[("KafkaUser", "shop")] = kafka_user("shop", scram("east-to-west-shop-password"))
    side.resources[("KafkaUser", "app")] = kafka_user("app", {"type": "tls"})
    side.resources[("KafkaUser", "other")] = kafka_user("other", scram("x"), "another-mirror")
    side.secrets_there["east-to-west-shop-password"] = {"password": PASSWORD.encode()}
    side.secrets_there["app"] = {
        "user.crt": app.pem.encode(),
        "user.key": app.key_pem.encode(),
        "ca.crt": CA.pem.encode(),
    }
    side.secrets_there["west-clients-ca-cert"] = {"ca.crt": CA.pem.encode()}
    return side


def read(side: FakeKubernetes, *copy: str) -> dict[str, CopiedUser]:
    found = read_copied_users(settings(*(copy or ("shop", "app"))), side)  # type: ignore[arg-type]
    return {one.name: one for one in found.users}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates of these tests are valid around pki.NOW."""
    then = SimpleNamespace(now=lambda zone: NOW)
    monkeypatch.setattr(certificates, "datetime", then)


def test_credentials_come_from_the_secrets_that_the_users_refer_to(west: FakeKubernetes) -> None:
    users = read(west)
    assert set(users) == {"shop", "app"}
    assert users["shop"].credential == ScramCredential("shop", PASSWORD)
    assert isinstance(users["app"].credential, TlsCredential)
    assert PASSWORD not in repr(users)
    assert "PRIVATE KEY" not in repr(users)


def test_a_secret_that_may_not_be_read_is_that_users_finding(west: FakeKubernetes) -> None:
    west.forbidden.add("Secret kafka/east-to-west-shop-password")
    users = read(west)
    assert users["app"].credential is not None
    unread = users["shop"].unread
    assert unread is not None
    assert "could not be read: forbidden" in unread.message
    assert "allow Secret kafka/east-to-west-shop-password" in unread.remedy


def test_a_secret_that_is_not_there_or_holds_nothing_is_told(west: FakeKubernetes) -> None:
    del west.secrets_there["app"]
    west.secrets_there["east-to-west-shop-password"] = {}
    users = read(west)
    assert "does not exist" in str(users["app"].unread)
    assert "has no password" in str(users["shop"].unread)


def test_a_certificate_of_another_authority_is_a_finding(west: FakeKubernetes) -> None:
    west.secrets_there["west-clients-ca-cert"] = {"ca.crt": issue("clients-ca v0").pem.encode()}
    [finding] = read(west)["app"].certificate
    assert "not signed by the clients CA" in finding.message


def test_users_are_read_one_by_one_where_listing_is_forbidden(west: FakeKubernetes) -> None:
    west.forbidden.add("KafkaUsers")
    found = read_copied_users(settings("shop", "gone"), west)  # type: ignore[arg-type]
    assert [one.name for one in found.users] == ["shop"]
    assert found.missing == ("gone",)
    with pytest.raises(CouldNotRead):
        read_copied_users(settings(selector={"a": "b"}), west)  # type: ignore[arg-type]


def test_nothing_is_read_where_nobody_is_copied(west: FakeKubernetes) -> None:
    assert read_copied_users(settings(), west).users == ()  # type: ignore[arg-type]
    assert west.asked == []


def source(password: str, **spec: Any) -> SourceUser:
    secret = Content("Secret kafka/shop", {"password": password.encode()})
    return SourceUser("shop", {"authentication": {"type": "scram-sha-512"}, **spec}, secret=secret)


def test_the_sources_password_and_rules_are_compared_and_no_password_shown(west: FakeKubernetes) -> None:
    shop, stack = read(west)["shop"], settings("shop")
    assert _differs(stack, shop, source(PASSWORD), None) == []
    [other] = _differs(stack, shop, source("another"), None)
    assert other == "its password on the target is not the source's"
    rule = {"resource": {"type": "topic", "name": "orders"}, "operations": ["Read"]}
    [rules] = _differs(stack, shop, source(PASSWORD, authorization={"type": "simple", "acls": [rule]}), None)
    assert "+ Read on topic orders" in rules
    assert _differs(stack, shop, None, "not reachable") == []
    assert "no such user" in _differs(stack, shop, None, None)[0]


def test_a_standby_that_may_only_read_is_as_the_source_and_a_promoted_copy_is_not() -> None:
    rule = {"resource": {"type": "topic", "name": "orders"}, "operations": ["Read", "Write"]}
    source = SourceUser("shop", {"authorization": {"type": "simple", "acls": [rule]}})
    replicating, promoted = settings("shop"), settings("shop").in_phase("promoted")

    def differs(deployed: Settings, judged: Settings, *dropped: str) -> list[str]:
        spec = copied_user(deployed, "shop", source.spec)["spec"]
        rules = spec["authorization"]["acls"]
        rules[0]["operations"] = [one for one in rules[0]["operations"] if one not in dropped]
        return _differs(judged, CopiedUser("shop", None, {"spec": spec}), source, None)

    assert differs(replicating, replicating) == differs(promoted, promoted) == []
    (lacking,) = differs(replicating, replicating, "Read")
    assert "+ Read on topic orders" in lacking
    (still_denied,) = differs(replicating, promoted)
    assert "- deny Write on topic orders" in still_denied
    (may_write,) = differs(promoted, replicating)
    assert "+ deny Write on topic orders" in may_write


def test_listeners_that_take_a_kind_the_mirrors_own_first() -> None:
    def listener(name: str, kind: str, where: str, tls: bool = True) -> dict[str, Any]:
        return {"name": name, "tls": tls, "type": where, "authentication": {"type": kind}}

    kafka = {
        "spec": {
            "kafka": {
                "listeners": [
                    listener("inside", "scram-sha-512", "internal"),
                    listener("open", "scram-sha-512", "nodeport", tls=False),
                    listener("outside", "scram-sha-512", "nodeport"),
                    listener("mtls", "tls", "nodeport"),
                    listener("coming", "tls", "nodeport"),
                ]
            }
        },
        "status": {
            "listeners": [
                {"name": name, "bootstrapServers": f"{name}:9094", "certificates": ["pem"]}
                for name in ("inside", "open", "outside", "mtls")
            ]
        },
    }
    assert [one.name for one in taking(kafka, "scram-sha-512", "mtls")] == ["outside", "inside"]
    assert [one.name for one in taking(kafka, "scram-sha-512", "inside")] == ["inside", "outside"]
    assert [one.bootstrap_servers for one in taking(kafka, "tls", "mtls")] == ["mtls:9094"]
