"""users-work: the copied users read from the target and compared with the source; no password is shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from manifests.metadata import MIRROR
from manifests.strimzi.kafka_user import copied_user
from mirror.clients.access import ScramCredential, TlsCredential
from mirror.estate import certificates
from mirror.estate.origin import Content, SourceUser
from mirror.problems import CouldNotRead
from mirror.verify.reading.copied_users import CopiedUser, read_copied_users
from mirror.verify.reading.users import _differs
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


def test_copies_of_a_promoted_mirror_are_not_compared_with_a_source_that_was_built_anew(
    west: FakeKubernetes,
) -> None:
    """The way out was `pulumi up`, which leaves them as they are."""
    shop, promoted = read(west)["shop"], settings("shop").in_phase("promoted")
    assert _differs(promoted, shop, source("another"), None) == []
    assert _differs(promoted, shop, None, None) == []


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
