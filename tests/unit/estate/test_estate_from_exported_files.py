"""The runbook's exported files: in whatever form `oc get` gave them, and each way to export the wrong one."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifests.estate import Estate
from mirror.estate import EstateError, read_estate, reading
from mirror.estate.loops import unseen
from settings.model import ExportedSettings, Settings, UsersSettings
from settings.model.secret import SecretText
from tests.unit.support.fake_kubernetes import FakeKubernetes, authority, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import Issued, issue

SECRET = "5up3rs3cr3tpassword"


@pytest.fixture
def ca() -> Issued:
    return authority()


@pytest.fixture
def west(monkeypatch: pytest.MonkeyPatch, ca: Issued) -> FakeKubernetes:
    side = two_regions(ca)["west"]
    monkeypatch.setattr(reading, "connect", lambda side_settings, root: side)
    return side


def secret(name: str, data: dict[str, str], **labels: str) -> dict[str, Any]:
    """A Secret as `oc get secret NAME -o yaml` prints it, with metadata that nobody needs."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name, "namespace": "kafka", "uid": "4711", "resourceVersion": "99", "labels": labels,
            "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": [{"manager": "strimzi"}],
            "ownerReferences": [{"kind": "KafkaUser", "name": name}],
        },
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }  # fmt: skip


def ca_secret(ca: Issued, name: str = "east-cluster-ca-cert", **more: str) -> dict[str, Any]:
    return secret(name, {"ca.crt": ca.pem, "ca.password": "x", **more})


def user_secret(name: str = "mirror-source") -> dict[str, Any]:
    labels = {"app.kubernetes.io/instance": name, "strimzi.io/kind": "KafkaUser"}
    jaas = f'org.apache.kafka.common.security.scram.ScramLoginModule required password="{SECRET}";'
    return secret(name, {"password": SECRET, "sasl.jaas.config": jaas}, **labels)


def text(*documents: Any) -> str:
    return "---\n".join(yaml.safe_dump(one) for one in documents)


def stack(cluster_ca: str, user: str, *kafka_users: str, **users: Any) -> Settings:
    exported = ExportedSettings(
        SecretText(cluster_ca), SecretText(user), tuple(SecretText(one) for one in kafka_users)
    )
    base = settings()
    source = replace(
        base.source, exported=exported, cluster=None, namespace=None, listener=None, bootstrap_servers="e:443"
    )
    return replace(base, source=source, users=UsersSettings(**users))


MIRRORS_UNSEEN = tuple(unseen(stack("", "")))
"""The warning that no export shows the mirrors beside the source."""


def read(given: Settings, root: Path = Path()) -> Estate:
    return read_estate(given, root)


def problems(given: Settings, root: Path = Path()) -> str:
    with pytest.raises(EstateError) as caught:
        read_estate(given, root)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_texts_are_read(west: FakeKubernetes, ca: Issued) -> None:
    found = read(stack(text(ca_secret(ca)), text(user_secret())))
    assert found.source.bootstrap_servers == "e:443"
    assert found.source.ca == {"ca.crt": ca.pem}
    assert found.source.user_secret == {"password": SECRET}
    assert found.warnings == MIRRORS_UNSEEN
    assert SECRET not in repr(found)


def test_all_certificates_of_a_renewal_are_kept(west: FakeKubernetes, ca: Issued) -> None:
    old = issue("cluster-ca v0", days=-3)
    given = ca_secret(ca, **{"ca-2026-11-20T00-00-00Z.crt": old.pem})
    kept = read(stack(text(given), text(user_secret()))).source.ca
    assert kept == {"ca.crt": ca.pem, "ca-2026-11-20T00-00-00Z.crt": old.pem}


def test_of_a_bundle_each_certificate_gets_a_key(west: FakeKubernetes, ca: Issued) -> None:
    other = authority("corporate")
    given = {**ca_secret(ca), "stringData": {"ca.crt": f"# ours\r\n{ca.pem}{other.pem}"}}
    kept = read(stack(text(given), text(user_secret()))).source.ca
    assert kept == {"ca.crt": ca.pem, "ca-2.crt": other.pem}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_from_any_editor(
    west: FakeKubernetes, ca: Issued, tmp_path: Path, encoding: str, newline: str
) -> None:
    windows = ca_secret(ca)
    windows["data"]["ca.crt"] = base64.b64encode(("\ufeff" + ca.pem.replace("\n", "\r\n")).encode()).decode()
    for name, content in (("ca.yaml", windows), ("user.yaml", user_secret())):
        (tmp_path / name).write_bytes(text(content).replace("\n", newline).encode(encoding))
    found = read(stack("ca.yaml", "user.yaml"), tmp_path)
    assert found.source.ca == {"ca.crt": ca.pem}
    assert found.source.user_secret == {"password": SECRET}


def test_a_plain_file_with_a_password_is_warned_of(west: FakeKubernetes, ca: Issued, tmp_path: Path) -> None:
    (tmp_path / "ca.yaml").write_text(text(ca_secret(ca)))
    (tmp_path / "sourceuser.yaml").write_text(text(user_secret()))
    warning, *others = read(stack("ca.yaml", "sourceuser.yaml"), tmp_path).warnings
    assert tuple(others) == MIRRORS_UNSEEN
    assert "sourceuser.yaml holds passwords or private keys in plain text" in warning
    assert "--secret --path 'region-mirror:source.exported.user' < sourceuser.yaml" in warning
    assert SECRET not in warning


def test_lists_documents_and_json(west: FakeKubernetes, ca: Issued) -> None:
    as_list = {"kind": "List", "apiVersion": "v1", "items": [user_secret("other"), user_secret()]}
    typed = {"kind": "SecretList", "items": [{k: v for k, v in ca_secret(ca).items() if k != "kind"}]}
    assert read(stack(json.dumps(typed), text(None, as_list))).source.user_secret == {"password": SECRET}


def test_string_data_wins_as_it_does_on_kubernetes(west: FakeKubernetes, ca: Issued) -> None:
    given = {**user_secret(), "stringData": {"password": "fr0mStringData"}}
    assert read(stack(text(ca_secret(ca)), text(given))).source.user_secret == {"password": "fr0mStringData"}


def test_the_runbooks_name_made_an_empty_file(west: FakeKubernetes, tmp_path: Path) -> None:
    """`oc get secret east-ca-cert -o yaml > east-ca-cert.yaml` finds nothing and still makes the file."""
    (tmp_path / "east-ca-cert.yaml").write_text("")
    said = problems(stack("east-ca-cert.yaml", text(user_secret())), tmp_path)
    assert "the file is empty" in said
    assert "use east-cluster-ca-cert: " in said
    assert "no release of Strimzi uses" in said


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("east-clients-ca-cert", "signs the certificates of users, not of brokers"),
        ("east-cluster-ca", "private key of the cluster CA, which must never be copied from the source"),
    ],
)
def test_a_wrong_secret_of_the_cluster(west: FakeKubernetes, ca: Issued, name: str, reason: str) -> None:
    said = problems(stack(text(ca_secret(ca, name)), text(user_secret())))
    assert reason in said
    assert "use east-cluster-ca-cert: " in said


def test_a_clients_ca_is_known_by_its_subject_too(west: FakeKubernetes) -> None:
    said = problems(stack(text(ca_secret(authority("clients-ca v0"), "renamed")), text(user_secret())))
    assert "it is a clients CA (clients-ca v0), which signs the certificates of users, not of brokers" in said


def test_a_users_secret_is_no_trust(west: FakeKubernetes, ca: Issued) -> None:
    given = secret("someone", {"ca.crt": ca.pem, "user.crt": "x"}, **{"strimzi.io/kind": "KafkaUser"})
    assert "is the Secret of a user; its ca.crt is the clients CA" in problems(
        stack(text(given), text(user_secret()))
    )


def test_a_private_key_of_a_ca_is_refused(west: FakeKubernetes, ca: Issued) -> None:
    said = problems(stack(text(ca_secret(ca, **{"ca.key": "k3y"})), text(user_secret())))
    assert "holds a CA's private key" in said
    assert "k3y" not in said


def test_the_secret_of_somebody_else(west: FakeKubernetes, ca: Issued) -> None:
    said = problems(stack(text(ca_secret(ca)), text(user_secret("billing"))))
    assert "it belongs to user billing, but source.user is mirror-source" in said


def test_a_kafka_user_where_its_secret_is_meant(west: FakeKubernetes, ca: Issued) -> None:
    resource = {"kind": "KafkaUser", "metadata": {"name": "mirror-source"}}
    said = problems(stack(text(ca_secret(ca)), text(resource)))
    assert "it holds no Secret, only KafkaUser mirror-source" in said


def test_two_problems_are_named_at_once(west: FakeKubernetes, ca: Issued) -> None:
    broken = user_secret()
    broken["data"] = {"password": "not base64!", "other": "*"}
    said = problems(stack("absent.yaml", text(broken)))
    assert "reading absent.yaml (source.exported.cluster_ca): No such file" in said
    assert "other of data is not base64; password of data is not base64" in said
    assert "2 problems" in said


def test_a_missing_key_and_what_is_there(west: FakeKubernetes, ca: Issued) -> None:
    said = problems(stack(text(ca_secret(ca)), text(secret("mirror-source", {"user.crt": "x"}))))
    assert "it has no password; it has: user.crt" in said


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (f"kind: Secret\ndata: [\n  password: {SECRET}\n", "it is not YAML: line"),
        (f'{{"kind": "Secret", "{SECRET}"', "it is not JSON: line 1"),
        (f"Error from server (NotFound)\n{SECRET}", "it has no `kind`"),
        (f"{SECRET} {SECRET}", "(hidden: the value is not a path to a YAML file)"),
        (f"kind: Secret\nmetadata: {{name: mirror-source}}\ndata: {SECRET}", "data is not a mapping"),
        ("kind: Secret\nmetadata: {name: mirror-source}\nstringData: {password: 12}", "is not text"),
    ],
)
def test_what_cannot_be_read_is_not_quoted(west: FakeKubernetes, ca: Issued, broken: str, said: str) -> None:
    assert said in problems(stack(text(ca_secret(ca)), broken))


def test_outside_pulumi_encrypted_texts_are_told(west: FakeKubernetes, ca: Issued) -> None:
    given = stack(text(ca_secret(ca)), "x.yaml")
    assert given.source.exported is not None
    hidden = replace(given.source.exported, user=SecretText())
    said = problems(replace(given, source=replace(given.source, exported=hidden)))
    assert "reading source.exported.user: it is encrypted in the stack file, and only Pulumi" in said


def kafka_user(name: str, kind: str = "scram-sha-512", **labels: str) -> dict[str, Any]:
    metadata = {"name": name, "labels": labels}
    return {"kind": "KafkaUser", "metadata": metadata, "spec": {"authentication": {"type": kind}}}


def test_users_come_with_their_passwords(west: FakeKubernetes, ca: Issued) -> None:
    users = text(
        kafka_user("billing", team="a"), user_secret("billing"), kafka_user("audit", "tls", team="a")
    )
    given = stack(text(ca_secret(ca)), text(user_secret()), users, copy=("audit",), selector={"team": "a"})
    assert [(one.name, one.password) for one in read(given).source.kafka_users] == [
        ("audit", None),
        ("billing", SECRET),
    ]


def test_users_that_are_not_in_the_export(west: FakeKubernetes, ca: Issued) -> None:
    users = text(kafka_user("billing"), {"kind": "Kafka", "metadata": {"name": "east"}})
    said = problems(stack(text(ca_secret(ca)), text(user_secret()), users, copy=("billing", "audit")))
    assert "looking for Secret billing of billing in source.exported.kafka_users: it is missing" in said
    assert (
        "looking for KafkaUser audit in source.exported.kafka_users: it is missing; the exports "
        "contain: billing" in said
    )
    assert "Kafka east in source.exported.kafka_users[0]: it is neither a KafkaUser nor a Secret" in said


@pytest.mark.parametrize("labels", [{}, {"app.kubernetes.io/managed-by": "Helm"}])
def test_a_label_of_argo_cd_or_helm_is_not_the_users_name(
    west: FakeKubernetes, ca: Issued, labels: dict[str, str]
) -> None:
    """Both write their application or release into the label in which the User Operator writes the user."""
    labels = {"app.kubernetes.io/instance": "kafka-users", **labels}
    sealed = secret("mirror-source", {"password": SECRET}, **labels)
    assert read(stack(text(ca_secret(ca)), text(sealed))).source.user_secret == {"password": SECRET}
    other = secret("somebody", {"password": SECRET}, **labels)
    assert "it belongs to user somebody" in problems(stack(text(ca_secret(ca)), text(other)))


@pytest.mark.parametrize(
    "label", [{"strimzi.io/kind": "KafkaUser"}, {"app.kubernetes.io/managed-by": "strimzi-user-operator"}]
)
def test_the_user_operators_label_is_the_users_name(
    west: FakeKubernetes, ca: Issued, label: dict[str, str]
) -> None:
    of_another = secret("mirror-source", {"password": SECRET}, **{"app.kubernetes.io/instance": "x", **label})
    assert "it belongs to user x" in problems(stack(text(ca_secret(ca)), text(of_another)))


def with_newline(jaas: bool) -> dict[str, Any]:
    data = {"password": f"{SECRET}\n"}
    if jaas:
        module = "org.apache.kafka.common.security.scram.ScramLoginModule"
        data["sasl.jaas.config"] = f'{module} required username="x" password="{SECRET}\n";'
    return data


def test_a_newline_that_the_user_operator_made_part_of_a_password_is_rejected(
    west: FakeKubernetes, ca: Issued
) -> None:
    """Kafka knows the password with the newline: without it, the login would be refused."""
    given = secret("mirror-source", with_newline(jaas=True))
    assert "the password ends with a newline" in problems(stack(text(ca_secret(ca)), text(given)))


def test_a_newline_of_echo_is_dropped(west: FakeKubernetes, ca: Issued) -> None:
    given = secret("mirror-source", with_newline(jaas=False))
    assert read(stack(text(ca_secret(ca)), text(given))).source.user_secret == {"password": SECRET}


def test_a_newline_in_the_password_of_a_copied_user_is_rejected(west: FakeKubernetes, ca: Issued) -> None:
    """Its copy would have another password than the original."""
    user = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaUser",
        "metadata": {"name": "shop"},
        "spec": {"authentication": {"type": "scram-sha-512"}},
    }
    exported = text(user, secret("shop", with_newline(jaas=True)))
    given = stack(text(ca_secret(ca)), text(user_secret()), exported, copy=("shop",))
    assert "the password ends with a newline" in problems(given)


def test_what_sops_encrypted_is_named(west: FakeKubernetes, ca: Issued) -> None:
    encrypted = {**secret("mirror-source", {}), "data": {"password": "ENC[AES256_GCM,data:abc]"}, "sops": {}}
    said = problems(stack(text(ca_secret(ca)), text(encrypted)))
    assert "it is encrypted with SOPS" in said
    assert "sops decrypt" in said


def test_a_sealed_secret_is_named(west: FakeKubernetes, ca: Issued) -> None:
    sealed = {"kind": "SealedSecret", "metadata": {"name": "mirror-source"}, "spec": {"encryptedData": {}}}
    assert "it holds a SealedSecret" in problems(stack(text(ca_secret(ca)), text(sealed)))


def test_json_documents_one_after_the_other_are_read(west: FakeKubernetes, ca: Issued) -> None:
    both = "\n".join(json.dumps(one, indent=2) for one in (secret("other", {}), user_secret())) + "\n"
    assert read(stack(text(ca_secret(ca)), both)).source.user_secret == {"password": SECRET}


def test_a_password_that_was_encoded_twice_is_warned_of(west: FakeKubernetes, ca: Issued) -> None:
    twice = secret("mirror-source", {"password": base64.b64encode(b"an example").decode()})
    warning, *others = read(stack(text(ca_secret(ca)), text(twice))).warnings
    assert tuple(others) == MIRRORS_UNSEEN
    assert "the value was encoded twice" in warning
    assert read(stack(text(ca_secret(ca)), text(user_secret()))).warnings == MIRRORS_UNSEEN


def tls_stack(cluster_ca: str, user: str, name: str = "mirror-source") -> Settings:
    base = stack(cluster_ca, user)
    return replace(base, source=replace(base.source, authentication="tls", user=name))


def issued_elsewhere(name: str, user: str, *, days: float = 36_500) -> tuple[dict[str, Any], Issued]:
    """The Secret that cert-manager keeps for a KafkaUser of type tls-external, and its certificate."""
    root = authority("Corporate Root")
    certificate = issue(user, root, days=days)
    data = {"tls.crt": certificate.pem, "tls.key": certificate.key_pem, "ca.crt": root.pem}
    return {**secret(name, data), "type": "kubernetes.io/tls"}, certificate


@pytest.mark.parametrize(
    ("user", "name"), [("mirror-source", "mirror-source"), ("money.wallet", "money-wallet-tls")]
)
def test_the_certificate_of_cert_manager_logs_in(
    west: FakeKubernetes, ca: Issued, user: str, name: str
) -> None:
    given, certificate = issued_elsewhere(name, user)
    found = read(tls_stack(text(ca_secret(ca)), text(given), user)).source
    assert found.user_secret == {"user.crt": certificate.pem, "user.key": certificate.key_pem}


def test_the_certificate_of_another_user_is_refused(west: FakeKubernetes, ca: Issued) -> None:
    given, _ = issued_elsewhere("mirror-source", "somebody-else")
    found = problems(tls_stack(text(ca_secret(ca)), text(given)))
    assert "it belongs to user somebody-else, but source.user is mirror-source" in found


def test_an_expired_certificate_of_cert_manager_is_renewed_there(west: FakeKubernetes, ca: Issued) -> None:
    given, _ = issued_elsewhere("mirror-source", "mirror-source", days=-800)
    with pytest.raises(EstateError) as caught:
        read(tls_stack(text(ca_secret(ca)), text(given)))
    found = [one for one in caught.value.findings if "mirror-source" in one.subject]
    assert {one.remedy for one in found} == {
        "renew the certificate where it is issued (cert-manager, Vault), then deploy again"
    }
    assert all("tls.crt" in one.subject for one in found)


def test_of_a_tls_secret_only_the_ca_is_trusted(west: FakeKubernetes) -> None:
    root = authority("Corporate Root")
    broker = issue("kafka.example.com", root, days=36_500)
    data = {"ca.crt": root.pem, "tls.crt": broker.pem, "tls.key": broker.key_pem}
    given = {**secret("east-cluster-ca-cert", data), "type": "kubernetes.io/tls"}
    assert read(stack(text(given), text(user_secret()))).source.ca == {"ca.crt": root.pem}


def test_a_plain_file_with_tls_key_is_warned_of(west: FakeKubernetes, ca: Issued, tmp_path: Path) -> None:
    given, _ = issued_elsewhere("mirror-source", "mirror-source")
    (tmp_path / "user.yaml").write_text(text(given))
    found = read(tls_stack(text(ca_secret(ca)), "user.yaml"), tmp_path)
    assert [one for one in found.warnings if "private keys in plain text" in one]
