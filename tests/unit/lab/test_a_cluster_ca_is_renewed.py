"""A renewal of the cluster CA shuts out no client that follows it; its Secret is laid out as Strimzi's."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from cryptography import x509

from lab.errors import LabError
from lab.layout import Lab
from lab.region import pki, renewal, strimzi
from lab.toolchain import Toolchain
from mirror.clients.tls import trusting
from tests.unit.lab.handshake import refused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pki.create(tmp_path / "pki", "east")
    return tmp_path / "pki"


def step(folder: Path, files: Callable[[], renewal.Files]) -> None:
    for name, content in files().items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def trusts_the_broker(folder: Path, certificates: str) -> bool:
    return refused(folder / "broker.pem", trusting(certificates)) is None


def ca_secret(folder: Path) -> dict[str, str]:
    secrets = {one["metadata"]["name"]: one for one in strimzi.secrets("east", folder)}
    secret = secrets["east-cluster-ca-cert"]
    return {
        key: base64.b64decode(value).decode() for key, value in secret["data"].items() if key.endswith(".crt")
    } | {"generation": secret["metadata"]["annotations"]["strimzi.io/ca-cert-generation"]}


def test_the_secret_holds_the_new_one_and_the_old_one_after_its_date(folder: Path) -> None:
    old = ca_secret(folder)
    step(folder, lambda: renewal.trusting_the_next(folder))
    new = ca_secret(folder)
    expiry = x509.load_pem_x509_certificate(old["ca.crt"].encode()).not_valid_after_utc
    assert new.pop(f"ca-{expiry:%Y-%m-%dT%H-%M-%SZ}.crt") == old["ca.crt"]
    assert new["ca.crt"] != old["ca.crt"]
    assert (old["generation"], new["generation"]) == ("0", "1")


def test_who_trusts_both_is_never_shut_out_and_who_trusts_one_is_in_time(folder: Path) -> None:
    old = (folder / "cluster-ca.crt").read_text()
    step(folder, lambda: renewal.trusting_the_next(folder))
    both = (folder / "cluster-ca.crt").read_text()
    assert trusts_the_broker(folder, old)
    assert trusts_the_broker(folder, both)
    step(folder, lambda: renewal.issued_anew(folder, "east"))
    assert not trusts_the_broker(folder, old)
    assert trusts_the_broker(folder, both)
    step(folder, lambda: renewal.trusting_the_newest(folder))
    assert trusts_the_broker(folder, (folder / "cluster-ca.crt").read_text())
    assert list(pki.trusted(folder)) == ["ca.crt"]


def test_a_source_outside_kubernetes_has_nobody_who_renews(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="not on Kubernetes"):
        renewal._serve(Lab(tmp_path), "north", cast(Toolchain, None), {})  # refused before a tool is needed
