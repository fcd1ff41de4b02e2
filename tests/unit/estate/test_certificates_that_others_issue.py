"""A KafkaUser of type tls-external: cert-manager or Vault has made its Secret, under keys of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from settings.model import Settings, UsersSettings
from tests.unit.support.fake_kubernetes import FakeKubernetes, authority, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import issue

ROOT = authority("Corporate Root")
CERTIFICATE = issue("mirror-source", ROOT, days=36_500)


@pytest.fixture
def east(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetes:
    both = two_regions(authority())
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    east = both["east"]
    external = {"authentication": {"type": "tls-external"}}
    east.resources[("KafkaUser", "mirror-source")] = {"metadata": {"name": "mirror-source"}, "spec": external}
    east.secrets_there["mirror-source"] = {
        "tls.crt": CERTIFICATE.pem.encode(),
        "tls.key": CERTIFICATE.key_pem.encode(),
        "ca.crt": ROOT.pem.encode(),
    }
    return east


def stack(**source: Any) -> Settings:
    given = settings()
    return replace(given, source=replace(given.source, **{"authentication": "tls", **source}))


def findings(given: Settings) -> dict[str, str]:
    with pytest.raises(EstateError) as caught:
        read_estate(given, Path())
    assert "PRIVATE KEY" not in str(caught.value)
    return {f"{one.subject}: {one.message}": one.remedy for one in caught.value.findings}


def test_it_is_read_as_a_tls_user(east: FakeKubernetes) -> None:
    found = read_estate(stack(), Path()).source.user_secret
    assert found == {"user.crt": CERTIFICATE.pem, "user.key": CERTIFICATE.key_pem}


def test_a_chain_with_an_intermediate_is_kept(east: FakeKubernetes) -> None:
    intermediate = issue("Issuing CA", ROOT, days=36_500)
    leaf = issue("mirror-source", intermediate, days=36_500)
    east.secrets_there["mirror-source"]["tls.crt"] = f"{leaf.pem}{intermediate.pem}".encode()
    east.secrets_there["mirror-source"]["tls.key"] = leaf.key_pem.encode()
    assert read_estate(stack(), Path()).source.user_secret["user.crt"] == leaf.pem + intermediate.pem


def test_a_key_of_another_certificate_is_called_by_its_own_name(east: FakeKubernetes) -> None:
    east.secrets_there["mirror-source"]["tls.key"] = issue("x").key_pem.encode()
    ((message, remedy),) = findings(stack()).items()
    assert message.endswith("tls.key does not belong to tls.crt")
    assert "where it is issued (cert-manager, Vault)" in remedy


def test_without_its_secret_the_remedy_is_not_the_user_operator(east: FakeKubernetes) -> None:
    del east.secrets_there["mirror-source"]
    ((message, remedy),) = findings(stack()).items()
    assert "Secret kafka/mirror-source" in message
    assert remedy.startswith("the User Operator makes no Secret for a tls-external user")
    assert "source.credentials.certificate and .key" in remedy


def test_with_a_password_the_way_out_is_a_setting_that_exists(east: FakeKubernetes) -> None:
    """Not `tls-external`, which source.authentication refuses."""
    found = findings(stack(authentication="scram-sha-512"))
    (remedy,) = [one for message, one in found.items() if message.startswith("KafkaUser")]
    assert remedy.startswith("set source.authentication to tls,")


def test_copied_users_with_such_certificates_are_warned_of(east: FakeKubernetes) -> None:
    """Nobody here knows which CA signed them, so users-work cannot log in as them."""
    east.add_user("money.wallet", {"authentication": {"type": "tls-external"}})
    given = replace(stack(), users=UsersSettings(copy=("money.wallet",)))
    (warning,) = read_estate(given, Path()).warnings
    assert warning.startswith("copied users whose certificates the User Operator did not issue (tls-exter")
    assert "money.wallet" in warning
    assert "has to contain it" in warning
