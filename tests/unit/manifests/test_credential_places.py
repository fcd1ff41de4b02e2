"""The stack's outputs tell where each copied user's credential is on the target, and nothing of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manifests.estate import CopiedUser
from manifests.users import credential_places
from tests.program.sample import SECRETS, estate
from tests.unit.settings.sample import settings


@pytest.mark.parametrize(
    ("authentication", "tls", "secret", "kind"),
    [
        ("scram-sha-512", "new-certificate", "kafka/ann", "scram-sha-512"),
        ("tls", "new-certificate", "kafka/ann", "tls"),
        ("tls", "keep-certificate", None, "tls-external"),
        ("tls-external", "new-certificate", None, "tls-external"),
        (None, "new-certificate", None, "none"),
    ],
)
def test_each_kind_of_user(authentication: str | None, tls: str, secret: str | None, kind: str) -> None:
    given = settings()
    given = replace(given, users=replace(given.users, tls=tls))  # type: ignore[arg-type]
    spec = {"authentication": {"type": authentication}} if authentication else {}
    place = credential_places(given, estate(given, kafka_users=(CopiedUser("ann", spec),)))["ann"]
    assert (place.get("secret"), place["authentication"]) == (secret, kind)
    assert ("keys" in place) == (secret is not None)


def test_nothing_in_it_is_secret() -> None:
    given = settings()
    text = repr(credential_places(given, estate(given)))
    assert "orders-consumer" in text
    assert not [secret for secret in SECRETS if secret in text]
