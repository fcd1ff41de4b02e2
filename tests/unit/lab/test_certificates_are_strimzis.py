"""A region's certificates carry the names, chains and uses that Strimzi gives them."""

from __future__ import annotations

import datetime as dt
import json
import ssl
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from lab.region import pki
from mirror.clients.kubeconfig import open_api
from mirror.clients.tls import as_other_clients, trusting
from tests.unit.lab.handshake import refused


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("east") / "pki"
    assert pki.create(folder, "east")
    return folder


def certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())


def test_they_are_made_once(folder: Path) -> None:
    before = (folder / "cluster-ca.crt").read_bytes()
    assert not pki.create(folder, "east")
    assert (folder / "cluster-ca.crt").read_bytes() == before


def test_nobody_else_can_read_them(folder: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_the_broker_is_trusted_as_localhost_by_who_trusts_the_cluster_ca(folder: Path) -> None:
    assert refused(folder / "broker.pem", trusting((folder / "cluster-ca.crt").read_text())) is None
    assert refused(folder / "broker.pem", trusting((folder / "clients-ca.crt").read_text())) is not None
    broker = x509.load_pem_x509_certificates((folder / "broker.pem").read_bytes())[0]
    assert broker.subject.rfc4514_string() == "CN=east-kafka"


def test_pythons_strict_verification_refuses_the_broker_as_it_refuses_strimzis(folder: Path) -> None:
    """From Python 3.13 on, VERIFY_X509_STRICT is the default: it asks for an Authority Key Identifier."""
    strict = ssl.create_default_context(cafile=folder / "cluster-ca.crt")
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    assert refused(folder / "broker.pem", strict) == "Missing Authority Key Identifier"
    assert refused(folder / "broker.pem", as_other_clients(strict)) is None


def test_a_brokers_key_usage_is_critical_and_strimzis(folder: Path) -> None:
    broker = x509.load_pem_x509_certificates((folder / "broker.pem").read_bytes())[0]
    usage = broker.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.key_encipherment) == (True, True)


def test_the_certificates_of_kubernetes_name_their_authoritys_key(folder: Path) -> None:
    for name in ("apiserver", "admin", "etcd"):
        extensions = certificate(folder, name).extensions
        assert extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier, name


def test_an_api_server_is_judged_as_kubectl_does(folder: Path, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    cluster = {"server": "https://localhost:6443", "certificate-authority": str(folder / "cluster-ca.crt")}
    document = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    kubeconfig.write_text(json.dumps(document))
    with (
        patch("ssl.create_default_context", strictly),
        patch("mirror.clients.kubeconfig.PatientClient") as made,
    ):
        open_api(kubeconfig)
    context = made.call_args.kwargs["verify"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert refused(folder / "broker.pem", context) is None


def strictly(**given: Any) -> ssl.SSLContext:
    """`ssl.create_default_context` as of Python 3.13."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(**given)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_the_operator_is_the_super_user_of_the_broker(folder: Path) -> None:
    operator = certificate(folder, "cluster-operator")
    assert operator.subject.rfc4514_string() == "CN=cluster-operator"
    operator.verify_directly_issued_by(certificate(folder, "cluster-ca"))


def test_every_key_fits_its_certificate(folder: Path) -> None:
    paths = list(folder.glob("*.crt"))
    assert len(paths) > 5
    for path in paths:
        key = serialization.load_pem_private_key(path.with_suffix(".key").read_bytes(), None)
        assert key.public_key() == x509.load_pem_x509_certificate(path.read_bytes()).public_key(), path.name


def test_the_administrator_of_kubernetes_is_in_system_masters(folder: Path) -> None:
    assert certificate(folder, "admin").subject.rfc4514_string() == "CN=admin,O=system:masters"


def test_they_are_good_for_a_year(folder: Path) -> None:
    left = pki.expires(folder) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=364) < left < dt.timedelta(days=366)


def test_keys_do_not_show(folder: Path) -> None:
    assert "PRIVATE KEY" not in repr(pki.read(folder, "cluster-operator"))
