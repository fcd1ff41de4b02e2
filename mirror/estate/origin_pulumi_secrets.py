"""The source's credentials as Pulumi secrets (`source.credentials`), for a Kafka that Strimzi does not
manage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirror.estate.findings import Notes
from mirror.estate.origin import Content, SourceUser
from mirror.problems import CouldNotRun
from settings.model import CredentialSettings, Settings
from settings.model.secret import SecretText

_SECTION = "source.credentials"
_SET = "pulumi config set --secret --path region-mirror:" + _SECTION


class GivenOrigin:
    """Implements Origin with encrypted values of the stack file, under the keys of Strimzi's Secrets."""

    def __init__(self, settings: Settings, given: CredentialSettings) -> None:
        self.settings, self.given = settings, given

    def bootstrap_servers(self, notes: Notes) -> str | None:
        """The address in the stack file."""
        return self.settings.source.bootstrap_servers

    def kafka(self) -> Mapping[str, Any] | None:
        """None: Strimzi does not manage this Kafka."""
        return None

    def reader(self) -> Mapping[str, Any] | None:
        """None: Strimzi does not manage this user."""
        return None

    def authorities(self, notes: Notes) -> Content | None:
        """`source.credentials.ca`; no certificate where `public_ca` is set."""
        if self.given.ca is None:  # public_ca: `settings.consistency.credentials` keeps one of the two
            return Content(_SECTION, {})
        text = self._reveal(self.given.ca, "ca", notes)
        remedy = f"get the certificate of the CA that signed the brokers' certificates, then {_SET}.ca"
        return None if text is None else Content(f"{_SECTION}.ca", {"ca.crt": text}, remedy=remedy)

    def login(self, notes: Notes) -> Content | None:
        """`source.credentials.password`, or `certificate` and `key`."""
        keys = {"certificate": "user.crt", "key": "user.key"}
        if self.settings.source.authentication != "tls":
            keys = {"password": "password"}
        data: dict[str, bytes] = {}
        for name, key in keys.items():
            value: SecretText | None = getattr(self.given, name)
            if value is not None and (text := self._reveal(value, name, notes)) is not None:
                data[key] = text
        names = {key: f"{_SECTION}.{name}" for name, key in keys.items()}
        remedy = f"get a certificate of the CA that the source's brokers trust, then {_SET}.certificate"
        return Content(_SECTION, data, names, remedy) if len(data) == len(keys) else None

    def users(self, notes: Notes) -> list[SourceUser]:
        """None: Kafka does not return passwords (KIP-1061 is under discussion)."""
        return []

    def clients_authorities(self, users: list[SourceUser], notes: Notes) -> Content | None:
        """None: there are no users to copy."""
        return None

    def mirrors(self, notes: Notes) -> list[Mapping[str, Any]]:
        """None: only a Kubernetes API can show mirrors beside the source."""
        return []

    def addresses(self) -> frozenset[str]:
        """None: without mirrors beside the source they are not needed."""
        return frozenset()

    def _reveal(self, value: SecretText, name: str, notes: Notes) -> bytes | None:
        if value.value is None:
            problem = CouldNotRun(
                f"reading {_SECTION}.{name}",
                "it is encrypted in the stack file, and only Pulumi can decrypt it",
                "run `pulumi preview`, which shows the same; for a deployed mirror "
                "region-mirror needs no credentials of the source",
            )
            notes.note(problem)
            return None
        return value.value.encode()
