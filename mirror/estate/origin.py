"""Where the source's credentials come from: one interface, three origins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mirror.estate.findings import Notes


@dataclass(frozen=True, slots=True)
class Content:
    """What one Secret holds, whatever it was read from, under the keys that Strimzi uses.

    `subject` is what messages call it, `names` what they call a key, where that is not the key itself.
    """

    subject: str
    data: Mapping[str, bytes] = field(repr=False)
    names: Mapping[str, str] = field(default_factory=dict)
    remedy: str | None = None
    """What to do about a certificate that cannot be used, where it is not the User Operator's."""

    def name(self, key: str) -> str:
        """What messages call a key."""
        return self.names.get(key, key)


@dataclass(frozen=True, slots=True)
class SourceUser:
    """A KafkaUser of the source, chosen to be copied, with its Secret where it is needed."""

    name: str
    spec: Mapping[str, Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    secret: Content | None = None

    @property
    def authentication(self) -> str | None:
        """`scram-sha-512`, `tls`, `tls-external`, or None."""
        kind = (self.spec.get("authentication") or {}).get("type")
        return None if kind is None else str(kind)


class Origin(Protocol):
    """Reads what one origin knows of the source. Problems go to the notes, and the result is then None.

    A Kubernetes that does not answer raises CouldNotConnect; `bootstrap_servers` comes first and tells it.
    """

    def bootstrap_servers(self, notes: Notes) -> str | None:
        """Where the source listens."""

    def authorities(self, notes: Notes) -> Content | None:
        """The certificates that signed the brokers' (`*.crt`). No key at all: a public CA did."""

    def login(self, notes: Notes) -> Content | None:
        """`password`, or `user.crt` and `user.key`, of `source.user`."""

    def users(self, notes: Notes) -> list[SourceUser]:
        """The users that `users.copy` and `users.selector` choose."""

    def clients_authorities(self, users: list[SourceUser], notes: Notes) -> Content | None:
        """The certificates that signed those users' (`*.crt`); None where that cannot be known."""

    def mirrors(self, notes: Notes) -> list[Mapping[str, Any]]:
        """The KafkaMirrorMaker2 resources beside the source, which may mirror in the other direction."""

    def addresses(self) -> frozenset[str]:
        """By what those resources may call the source; known after `bootstrap_servers`."""


def named(resource: Mapping[str, Any]) -> str:
    """`metadata.name`."""
    return str((resource.get("metadata") or {}).get("name"))


def labels_of(resource: Mapping[str, Any]) -> dict[str, str]:
    """`metadata.labels`."""
    return dict((resource.get("metadata") or {}).get("labels") or {})
