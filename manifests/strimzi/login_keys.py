"""The keys of the Secret with the source user's credential."""

from __future__ import annotations

from dataclasses import dataclass

from settings.model import Settings, SourceSettings

_KEYS = {"password": "password", "certificate": "user.crt", "key": "user.key"}
"""Strimzi's key for each setting of `source.credentials`."""


def keys_of_copy(source: SourceSettings) -> tuple[str, ...]:
    """Return the keys of the stack's copy of the source user's Secret; none where the login needs
    none.
    """
    return tuple(_KEYS[one] for one in source.credential_settings)


@dataclass(frozen=True, slots=True)
class LoginKeys:
    """Keys of a Secret with a credential; the defaults are those of Strimzi's User Operator."""

    password: str = "password"  # noqa: S105 - the name of a key
    certificate: str = "user.crt"
    key: str = "user.key"

    @classmethod
    def of_source(cls, settings: Settings) -> LoginKeys:
        """The keys of the source user's Secret: the stack's copy, or the one that `secret_ref` names."""
        referred = settings.source.secret_ref
        if referred is None:
            return cls()
        return cls(referred.password_key, referred.certificate_key, referred.private_key_key)
