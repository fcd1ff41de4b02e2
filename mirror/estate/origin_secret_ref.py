"""The source's credential by reference (`source.credentials.secret_ref`): a Secret on the target's Kubernetes
that External Secrets, Vault, Sealed Secrets or cert-manager maintains.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from manifests.strimzi.login_keys import LoginKeys
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.certificates import judge_readable
from mirror.estate.credential_rules import judge_unchanged, several_certificates, text
from mirror.estate.findings import Notes
from mirror.estate.origin import Content
from mirror.estate.origin_pulumi_secrets import GivenOrigin
from mirror.problems import Finding, NotThere
from settings.model import CredentialSettings, SecretRefSettings, Settings

_SECTION = "source.credentials.secret_ref"


class ReferredOrigin(GivenOrigin):
    """Implements Origin with the Secrets that `secret_ref` names. Strimzi uses them as they are, so what the
    stack's own copies would have corrected is a finding here.
    """

    def __init__(
        self, settings: Settings, given: CredentialSettings, referred: SecretRefSettings, side: Kubernetes
    ) -> None:
        super().__init__(settings, given)
        self.referred, self.side = referred, side
        self.namespace = settings.target.namespace

    def authorities(self, notes: Notes) -> Content | None:
        """The keys of `secret_ref.ca_secret` that its pattern matches; without it, as for Pulumi secrets."""
        name, pattern = self.referred.ca_secret, self.referred.trusted_keys
        if name is None:
            return super().authorities(notes)
        data = self._secret(name, "ca_secret", notes)
        if data is None:
            return None
        subject = self._subject(name)
        found = {key: value for key, value in data.items() if fnmatchcase(key, pattern)}
        if not found:
            there = ", ".join(sorted(data)) or "nothing"
            message = (
                f"no key matches {pattern!r} ({_SECTION}.ca_pattern); it has: {there}. Strimzi would trust "
                "no certificate, and still report Ready"
            )
            notes.add(
                [Finding(subject, message, f"set {_SECTION}.ca_pattern to the key of the CA certificate")]
            )
            return None
        if unreadable := judge_readable({key: text(value) for key, value in found.items()}, subject):
            notes.add(unreadable)
            return None
        for key in several_certificates(found):
            notes.warn(
                f"{subject}: {key} holds several certificates, and Strimzi trusts only the first one. "
                "Put each certificate in a key of its own"
            )
        return Content(subject, found, remedy="renew the certificate where the Secret is maintained")

    def login(self, notes: Notes) -> Content | None:
        """The keys of the Secret that `authentication` needs, under the keys of Strimzi's Secrets."""
        data = self._secret(self.referred.name, "name", notes)
        if data is None:
            return None
        keys, subject = LoginKeys.of_source(self.settings), self._subject(self.referred.name)
        names = {"user.crt": keys.certificate, "user.key": keys.key}
        settings = {"user.crt": "certificate_key", "user.key": "private_key_key"}
        if self.settings.source.authentication != "tls":
            names, settings = {"password": keys.password}, {"password": "password_key"}
        missing = [key for key, name in names.items() if not data.get(name)]
        for key in missing:
            there = ", ".join(sorted(data)) or "nothing"
            message = f"it has no {names[key]} ({_SECTION}.{settings[key]}); it has: {there}"
            remedy = f"name the key in {_SECTION}.{settings[key]}, or add it where the Secret is maintained"
            notes.add([Finding(subject, message, remedy)])
        if missing:
            return None
        found = {key: data[name] for key, name in names.items()}
        notes.add(judge_unchanged(found, names, subject))
        return Content(
            subject, found, names, "renew the certificate where it is issued (cert-manager, Vault)"
        )

    def _secret(self, name: str, setting: str, notes: Notes) -> Mapping[str, bytes] | None:
        try:
            return self.side.secret(self.namespace, name)
        except NotThere as error:
            way_out = (
                f"create it (an ExternalSecret, a Certificate ...) before the deployment, or correct "
                f"{_SECTION}.{setting}"
            )
            notes.note(NotThere(error.tried, error.happened, way_out))
            return None

    def _subject(self, name: str) -> str:
        return f"Secret {self.namespace}/{name}"
