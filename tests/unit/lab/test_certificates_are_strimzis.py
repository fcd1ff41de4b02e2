"""A region's certificates carry the names, chains and uses that Strimzi gives them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store

from lab.region import pki


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
    broker = x509.load_pem_x509_certificates((folder / "broker.pem").read_bytes())[0]
    verifier = PolicyBuilder().store(Store([certificate(folder, "cluster-ca")]))
    verifier.build_server_verifier(x509.DNSName("localhost")).verify(broker, [])
    assert broker.subject.rfc4514_string() == "CN=east-kafka"


def test_the_operator_is_the_super_user_of_the_broker(folder: Path) -> None:
    operator = certificate(folder, "cluster-operator")
    assert operator.subject.rfc4514_string() == "CN=cluster-operator"
    operator.verify_directly_issued_by(certificate(folder, "cluster-ca"))


def test_every_key_fits_its_certificate(folder: Path) -> None:
    for path in folder.glob("*.crt"):
        key = serialization.load_pem_private_key(path.with_suffix(".key").read_bytes(), None)
        assert key.public_key() == x509.load_pem_x509_certificate(path.read_bytes()).public_key(), path.name


def test_the_administrator_of_kubernetes_is_in_system_masters(folder: Path) -> None:
    assert certificate(folder, "admin").subject.rfc4514_string() == "CN=admin,O=system:masters"


def test_they_are_good_for_a_year(folder: Path) -> None:
    left = pki.expires(folder) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=364) < left < dt.timedelta(days=366)


def test_keys_do_not_show(folder: Path) -> None:
    assert "PRIVATE KEY" not in repr(pki.read(folder, "cluster-operator"))
