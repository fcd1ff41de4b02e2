"""Secrets stand in fields that Pulumi encrypts, and nowhere else: not in other inputs, outputs, names or
repr.
"""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest

from manifests.declaration import Declaration
from settings.load import load
from tests.program.conftest import SIGNATURE, Declare
from tests.program.sample import SECRETS, estate
from tests.unit.settings.sample import raw, settings


def spellings(secret: str) -> set[str]:
    """The secret as text and base64, the latter without what its end makes of it."""
    return {secret, base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]}


def in_the_open(value: Any) -> str:
    """All that is not inside a secret, as one text."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            return ""
        return "\n".join(f"{key}\n{in_the_open(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(in_the_open(part) for part in value)
    return str(value)


@pytest.mark.parametrize("authentication", ["tls", "scram-sha-512"])
def test_nothing_secret_is_in_the_open(
    authentication: str, declare: Declare, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    program = declare(settings(source__authentication=authentication))
    said = capfd.readouterr()
    seen = "\n".join(
        [
            *(in_the_open(resource.inputs) + resource.urn for resource in program.resources),
            in_the_open(program.outputs),
            caplog.text,
            said.out,
            said.err,
        ]
    )
    for secret in SECRETS:
        for spelling in spellings(secret):
            assert spelling not in seen


def test_the_secrets_do_get_there(declare: Declare) -> None:
    data = declare(settings()).one("Secret", "east-to-west-orders-consumer-password").inputs["data"]
    assert base64.b64decode(data["value"]["password"]).decode() == "s3cret-of-orders-consumer"


def test_a_declaration_does_not_print_secrets() -> None:
    given = settings()
    shown = repr(Declaration.of(given, estate(given)))
    assert "east-to-west" in shown
    assert not any(spelling in shown for secret in SECRETS for spelling in spellings(secret))


@pytest.mark.parametrize("authentication", ["tls", "scram-sha-512"])
def test_a_credential_by_reference_reaches_pulumi_in_no_form(authentication: str, declare: Declare) -> None:
    """Not even in fields that Pulumi encrypts, and no value derives from it."""
    source = {
        "alias": "east", "user": "mirror-source", "bootstrap_servers": "east:9094",
        "authentication": authentication,
        "credentials": {"secret_ref": {"name": "east-login", "ca_secret": "east-ca"}},
    }  # fmt: skip
    given = load({**raw(users__copy=[]), "source": source})

    def registered(**secret: str) -> str:
        program = declare(given, estate(given, **({"user_secret": secret} if secret else {})))
        assert program.of("Secret") == ()
        # Pulumi registers resources that do not wait for each other in any order.
        return str(sorted(str((one.urn, one.inputs)) for one in program.resources))

    seen = registered()
    assert "east-login" in seen
    assert not [one for secret in SECRETS for one in spellings(secret) if one in seen]
    assert seen == registered(**{"password": "another", "user.crt": "another", "user.key": "another"})
