"""The Job's account: enough for all checks, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.declaration import Declaration
from manifests.in_cluster.verification_job import verification_job
from mirror.problems import CouldNotRead
from mirror.verify.reading.copied_users import read_copied_users
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes
from tests.unit.support.pki import issue

KINDS = {"Secret": "secrets", "KafkaUser": "kafkausers", "Kafka": "kafkas"}
Right = tuple[str, str, str]


def job(**changes: Any) -> Settings:
    """Settings of a mirror that is verified in a Job."""
    given = {"verification__runner": "job", "verification__image": "r.example.com/region-mirror:1"}
    return settings(**(given | changes))


def rights(given: Settings) -> set[Right]:
    """What the account may do: verb, kind, and the name of the one object (`*`: any)."""
    role = verification_job(given, estate(given))[1]
    return {
        (verb, kind, name)
        for rule in role["rules"]
        for verb in rule["verbs"]
        for kind in rule["resources"]
        for name in rule.get("resourceNames", ["*"])
    }


BY_ITSELF = {
    ("get", "kafkamirrormaker2s", "east-to-west"),
    ("get", "secrets", "east-to-west-east-cluster-ca-cert"),
    ("get", "secrets", "east-to-west-east-user"),
    ("get", "secrets", "east-to-west-verifier"),
    ("get", "secrets", "west-cluster-ca-cert"),
    ("get", "configmaps", "east-to-west-baseline"),
    ("get", "configmaps", "east-to-west-last-look"),
    ("patch", "configmaps", "east-to-west-last-look"),
    ("patch", "configmaps", "east-to-west-verification"),
}
CERTIFICATE = {("get", "secrets", "east-to-west")}
"""The mirror's own, where it logs in to the target with one."""


def test_without_copied_users_nobodys_user_is_seen() -> None:
    assert rights(job(users__copy=[])) == BY_ITSELF | CERTIFICATE


def test_a_password_of_the_mirrors_is_not_read() -> None:
    given = job(users__copy=[], target__authentication="scram-sha-512")
    assert rights(given) == BY_ITSELF


def test_a_source_of_a_public_ca_has_no_secret_for_it() -> None:
    given = job(
        source__credentials={"password": "p", "public_ca": True},
        source__bootstrap_servers="kafka.example.com:9094",
        users__copy=[],
        **{f"source__{key}": None for key in ("cluster", "namespace", "kubeconfig", "listener")},
    )
    assert (
        rights(given) == BY_ITSELF - {("get", "secrets", "east-to-west-east-cluster-ca-cert")} | CERTIFICATE
    )


def test_copied_users_are_read_by_name() -> None:
    assert rights(job(users__copy=["orders", "tls-app"])) - BY_ITSELF - CERTIFICATE == {
        ("get", "kafkas", "west"),
        ("get", "kafkausers", "orders"),
        ("get", "kafkausers", "tls-app"),
        ("get", "secrets", "east-to-west-orders-password"),
        ("get", "secrets", "tls-app"),
        ("get", "secrets", "west-clients-ca-cert"),
    }


def test_selected_users_are_listed_and_their_secrets_read_by_name() -> None:
    given = job(users__copy=["orders"], users__selector={"team": "a"})
    assert rights(given) - BY_ITSELF - CERTIFICATE == {
        ("get", "kafkas", "west"),
        ("list", "kafkausers", "*"),
        ("get", "secrets", "east-to-west-orders-password"),
        ("get", "secrets", "east-to-west-selected-password"),
    }


@pytest.mark.parametrize("changes", [{}, {"users__copy": []}, {"users__selector": {"a": "b"}}])
def test_only_a_list_is_not_held_to_names(changes: dict[str, Any]) -> None:
    rules = verification_job(job(**changes), estate(job(**changes)))[1]["rules"]
    assert rules
    for rule in rules:
        assert rule["verbs"] == ["list"] or rule["resourceNames"]


class Held(FakeKubernetes):
    """The target's Kubernetes as it answers to the account."""

    def __init__(self, given: Settings) -> None:
        super().__init__("https://west")
        self.rights = rights(given)
        self.used: set[Right] = set()

    def _ask(self, what: str) -> None:
        kind, _, path = what.partition(" ")
        right = ("get", KINDS[kind], path.rpartition("/")[2]) if path else ("list", "kafkausers", "*")
        if right not in self.rights:
            raise CouldNotRead(f"reading {what}", "forbidden", f"allow {what}")
        self.used.add(right)
        super()._ask(what)


@pytest.mark.parametrize("selector", [{}, {"team": "a"}])
def test_the_checks_get_by_with_it_and_use_all_of_it(selector: dict[str, str]) -> None:
    given = job(users__copy=["orders", "tls-app"], users__selector=selector)
    declaration, west = Declaration.of(given, estate(given)), Held(given)
    for name, manifest in declaration.copied_users.items():
        west.resources[("KafkaUser", name)] = manifest
    for name, _ in declaration.passwords.items():
        west.secrets_there[f"east-to-west-{name}-password"] = {"password": b"p"}
    authority = issue("clients-ca")
    app = issue("tls-app", authority)
    west.secrets_there["west-clients-ca-cert"] = {"ca.crt": authority.pem.encode()}
    west.secrets_there["tls-app"] = {
        "user.crt": app.pem.encode(),
        "user.key": app.key_pem.encode(),
        "ca.crt": authority.pem.encode(),
    }
    found = read_copied_users(given, west)  # type: ignore[arg-type]
    assert {one.name for one in found.users} == set(declaration.copied_users)
    assert [one.unread for one in found.users if one.unread] == []
    # The Kafka resource tells where they log in: the lab's tests do that.
    assert west.rights - west.used == BY_ITSELF | CERTIFICATE | {("get", "kafkas", "west")}
