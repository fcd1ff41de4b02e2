"""Each way to export the wrong thing, and what the refusal says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mirror.estate.findings import EstateError
from settings.model.secret import SecretText
from tests.unit.estate.exported.exports import (
    SECRET,
    ca_secret,
    issued_elsewhere,
    kafka_user,
    problems,
    read,
    secret,
    stack,
    text,
    tls_stack,
    user_secret,
)
from tests.unit.support.fake_kubernetes import FakeKubernetes, authority
from tests.unit.support.pki import Issued


def test_a_wrong_name_made_an_empty_file(west: FakeKubernetes, tmp_path: Path) -> None:
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


def test_users_that_are_not_in_the_export(west: FakeKubernetes, ca: Issued) -> None:
    users = text(kafka_user("billing"), {"kind": "Kafka", "metadata": {"name": "east"}})
    said = problems(stack(text(ca_secret(ca)), text(user_secret()), users, copy=("billing", "audit")))
    assert "looking for Secret billing of billing in source.exported.kafka_users: it is missing" in said
    assert (
        "looking for KafkaUser audit in source.exported.kafka_users: it is missing; the exports "
        "contain: billing" in said
    )
    assert "Kafka east in source.exported.kafka_users[0]: it is neither a KafkaUser nor a Secret" in said


def test_what_sops_encrypted_is_named(west: FakeKubernetes, ca: Issued) -> None:
    encrypted = {**secret("mirror-source", {}), "data": {"password": "ENC[AES256_GCM,data:abc]"}, "sops": {}}
    said = problems(stack(text(ca_secret(ca)), text(encrypted)))
    assert "it is encrypted with SOPS" in said
    assert "sops decrypt" in said


def test_a_sealed_secret_is_named(west: FakeKubernetes, ca: Issued) -> None:
    sealed = {"kind": "SealedSecret", "metadata": {"name": "mirror-source"}, "spec": {"encryptedData": {}}}
    assert "it holds a SealedSecret" in problems(stack(text(ca_secret(ca)), text(sealed)))


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
