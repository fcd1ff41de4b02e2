"""The Secrets beside the mirror hold what is needed of the source's, and nothing besides."""

from __future__ import annotations

import base64

from manifests.strimzi import secrets
from tests.program.sample import estate
from tests.unit.settings.sample import settings


def test_every_certificate_of_the_source_ca_is_kept() -> None:
    given = settings()
    secret = secrets.source_ca(given, estate(given))
    assert secret is not None
    assert set(secret["data"]) == {"ca.crt", "ca-2025.crt"}
    assert base64.b64decode(secret["data"]["ca.crt"]) == b"certificate of east"


def test_the_source_user_is_its_password() -> None:
    given = settings()
    secret = secrets.source_user(given, estate(given))
    assert secret is not None
    assert set(secret["data"]) == {"password"}


def test_the_source_user_is_its_certificate() -> None:
    given = settings(source__authentication="tls")
    secret = secrets.source_user(given, estate(given))
    assert secret is not None
    assert set(secret["data"]) == {"user.crt", "user.key"}


def test_no_secret_carries_a_label_of_strimzi() -> None:
    given = settings()
    # The User Operator deletes labelled Secrets that belong to no KafkaUser.
    for secret in (secrets.source_ca(given, estate(given)), secrets.password(given, "ann", "pw")):
        assert secret is not None
        assert "labels" not in secret["metadata"]
        assert secret["type"] == "Opaque"
