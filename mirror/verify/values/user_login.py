"""A copied user on the target, with its login."""

from __future__ import annotations

from dataclasses import dataclass

from mirror.problems import Finding


@dataclass(frozen=True, slots=True)
class Lacking:
    """A resource on which a user may not do what its rules say."""

    resource: str
    name: str
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A login. `refused` says why there was none; `lacking` what the user may not do; `unasked` what could
    not be asked for, and why; `rights` how many rights the broker confirmed."""

    refused: str | None = None
    remedy: str | None = None
    lacking: tuple[Lacking, ...] = ()
    unasked: tuple[str, ...] = ()
    rights: int = 0


@dataclass(frozen=True, slots=True)
class UserOnTarget:
    """A copied user. `unready`: what its KafkaUser's status lacks; `unread`: why there is no credential to
    log in with; `certificate`: what is wrong with its certificate; `differs`: what is not as on the source;
    `acls`: how many its KafkaUser has; `read_only`: it may not write to mirrored topics before the promotion.
    """

    name: str
    authentication: str | None
    unready: str | None = None
    unread: Finding | None = None
    certificate: tuple[Finding, ...] = ()
    tried: Tried | None = None
    differs: tuple[str, ...] = ()
    acls: int | None = None
    read_only: bool = False

    @property
    def subject(self) -> str:
        """The user, as findings name it."""
        return f"user {self.name}"
