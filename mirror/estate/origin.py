"""The interface of the four origins of the source's credentials (`origin_*.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mirror.estate.findings import Notes


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one Secret, from any origin, under the keys that Strimzi uses.

    Messages call the Secret `subject`, and a key by its entry in `names`, if it has one.
    """

    subject: str
    data: Mapping[str, bytes] = field(repr=False)
    names: Mapping[str, str] = field(default_factory=dict)
    remedy: str | None = None
    """The way out for an unusable certificate that the User Operator did not issue."""

    def name(self, key: str) -> str:
        """The name of a key in messages."""
        return self.names.get(key, key)


@dataclass(frozen=True, slots=True)
class SourceUser:
    """A KafkaUser of the source to copy, with its Secret where that is needed."""

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
    """Reads the source's credentials from one origin. Problems become notes, and the result is then None.

    Raises CouldNotConnect where a Kubernetes API does not answer; call `bootstrap_servers` first to detect
    it.
    """

    def bootstrap_servers(self, notes: Notes) -> str | None:
        """The bootstrap servers of the source."""

    def kafka(self) -> Mapping[str, Any] | None:
        """The source's `Kafka`, after `bootstrap_servers`; None where it cannot be read."""

    def reader(self) -> Mapping[str, Any] | None:
        """The KafkaUser `source.user`; None where it cannot be read."""

    def authorities(self, notes: Notes) -> Content | None:
        """The CA certificates of the brokers (`*.crt`). Without any key, a public CA signed their
        certificates.
        """

    def login(self, notes: Notes) -> Content | None:
        """The credential of `source.user`: `password`, or `user.crt` and `user.key`."""

    def users(self, notes: Notes) -> list[SourceUser]:
        """The users that `users.copy` and `users.selector` choose."""

    def clients_authorities(self, users: list[SourceUser], notes: Notes) -> Content | None:
        """The CA certificates of those users (`*.crt`); None where they are not known."""

    def mirrors(self, notes: Notes) -> list[Mapping[str, Any]]:
        """The KafkaMirrorMaker2 resources in the source's namespace; they may mirror in the other
        direction.
        """

    def addresses(self) -> frozenset[str]:
        """The addresses under which those resources may reach the source; known after `bootstrap_servers`."""


def named(resource: Mapping[str, Any]) -> str:
    """`metadata.name`."""
    return str((resource.get("metadata") or {}).get("name"))


def labels_of(resource: Mapping[str, Any]) -> dict[str, str]:
    """`metadata.labels`."""
    return dict((resource.get("metadata") or {}).get("labels") or {})
