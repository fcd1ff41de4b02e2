"""A rotated credential or renewed CA changes its Secret and the KafkaMirrorMaker2: a preview shows both.

Strimzi's Cluster Operator watches KafkaMirrorMaker2 resources, not Secrets: their content rolls the pods only
at its next periodic pass. The annotation makes it one at once (it need not look at it: any change does).
"""

from __future__ import annotations

from typing import Any

import pytest

from manifests.declaration import CREDENTIALS_VERSION, Declaration
from manifests.estate import CopiedUser
from tests.program.sample import SCRAM_USER, estate
from tests.unit.settings.sample import settings

PASSWORD = {"password": "0ld"}
TLS = {"user.crt": "old certificate", "user.key": "old key"}


def version(declared: Declaration) -> str:
    found: str = declared.mirror_maker2["metadata"]["annotations"][CREDENTIALS_VERSION]
    return found


@pytest.mark.parametrize(
    ("authentication", "before", "after"),
    [
        ("scram-sha-512", PASSWORD, {"password": "n3w"}),
        ("tls", TLS, {**TLS, "user.key": "new key"}),
        ("tls", TLS, {**TLS, "user.crt": "new certificate"}),
    ],
)
def test_the_source_users_credential(
    authentication: str, before: dict[str, str], after: dict[str, str]
) -> None:
    given = settings(source__authentication=authentication)
    old = Declaration.of(given, estate(given, user_secret=before))
    new = Declaration.of(given, estate(given, user_secret=after))
    assert old.source_user != new.source_user
    assert version(old) != version(new)
    assert old.fingerprint != new.fingerprint
    assert version(old) == version(Declaration.of(given, estate(given, user_secret=dict(before))))


@pytest.mark.parametrize(
    "renewed",
    [
        {"ca.crt": "new", "ca-2026.crt": "old"},
        {"ca.crt": "new"},
        {"ca.crt": "old", "ca-2.crt": "a further one"},
        {},
    ],
)
def test_the_sources_ca(renewed: dict[str, str]) -> None:
    given = settings()
    old = Declaration.of(given, estate(given, ca={"ca.crt": "old"}))
    new = Declaration.of(given, estate(given, ca=renewed))
    assert old.source_ca != new.source_ca
    assert version(old) != version(new)


def test_a_copied_users_password_shows_on_the_user() -> None:
    given = settings()

    def users(password: str) -> tuple[CopiedUser, ...]:
        return (CopiedUser("ann", SCRAM_USER, password),)

    old = Declaration.of(given, estate(given, kafka_users=users("0ld")))
    new = Declaration.of(given, estate(given, kafka_users=users("n3w")))

    def annotations(declared: Declaration) -> Any:
        return declared.copied_users["ann"]["metadata"]["annotations"][CREDENTIALS_VERSION]

    assert old.passwords["ann"] != new.passwords["ann"]
    assert annotations(old) != annotations(new)
    # The mirror has nothing to do with it, and goes on undisturbed.
    assert version(old) == version(new)
