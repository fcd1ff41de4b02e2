"""Exported files: in whatever form `oc get` gave them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.estate.exported.exports import (
    MIRRORS_UNSEEN,
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
from tests.unit.support.pki import Issued, issue


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


def test_users_come_with_their_passwords(west: FakeKubernetes, ca: Issued) -> None:
    users = text(
        kafka_user("billing", team="a"), user_secret("billing"), kafka_user("audit", "tls", team="a")
    )
    given = stack(text(ca_secret(ca)), text(user_secret()), users, copy=("audit",), selector={"team": "a"})
    assert [(one.name, one.password) for one in read(given).source.kafka_users] == [
        ("audit", None),
        ("billing", SECRET),
    ]


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


def test_json_documents_one_after_the_other_are_read(west: FakeKubernetes, ca: Issued) -> None:
    both = "\n".join(json.dumps(one, indent=2) for one in (secret("other", {}), user_secret())) + "\n"
    assert read(stack(text(ca_secret(ca)), both)).source.user_secret == {"password": SECRET}


def test_a_password_that_was_encoded_twice_is_warned_of(west: FakeKubernetes, ca: Issued) -> None:
    twice = secret("mirror-source", {"password": base64.b64encode(b"an example").decode()})
    warning, *others = read(stack(text(ca_secret(ca)), text(twice))).warnings
    assert tuple(others) == MIRRORS_UNSEEN
    assert "the value was encoded twice" in warning
    assert read(stack(text(ca_secret(ca)), text(user_secret()))).warnings == MIRRORS_UNSEEN


@pytest.mark.parametrize(
    ("user", "name"), [("mirror-source", "mirror-source"), ("money.wallet", "money-wallet-tls")]
)
def test_the_certificate_of_cert_manager_logs_in(
    west: FakeKubernetes, ca: Issued, user: str, name: str
) -> None:
    given, certificate = issued_elsewhere(name, user)
    found = read(tls_stack(text(ca_secret(ca)), text(given), user)).source
    assert found.user_secret == {"user.crt": certificate.pem, "user.key": certificate.key_pem}


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
