"""The settings of one stack, after all rules were checked.

A field's name is its key in the stack file. Its metadata hold `doc`, from which the reference page and the
JSON Schema are generated, and its rules: `rule` for text and for the elements of a list, `minimum` and
`maximum` for numbers, `filled` for lists that must not be empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from settings.model.cutover import CutoverSettings, Fence
from settings.model.mirror import (
    MirrorSettings,
    OffsetSyncsLocation,
    Overrides,
    Profile,
    ReplicationPolicy,
    State,
)
from settings.model.monitoring import MonitoringSettings
from settings.model.source import (
    CredentialSettings,
    ExportedSettings,
    OAuthSettings,
    Origin,
    SourceAuthentication,
    SourceSettings,
)
from settings.model.target import StrimziApiChoice, TargetAuthentication, TargetSettings
from settings.model.users import TlsUsers, UsersSettings
from settings.model.verification import Runner, VerificationSettings
from settings.model.workers import Metrics, Tracing, WorkersSettings

__all__ = [
    "CredentialSettings",
    "CutoverSettings",
    "ExportedSettings",
    "Fence",
    "Metrics",
    "MirrorSettings",
    "MonitoringSettings",
    "OAuthSettings",
    "OffsetSyncsLocation",
    "Origin",
    "Overrides",
    "Profile",
    "ReplicationPolicy",
    "Runner",
    "Settings",
    "SourceAuthentication",
    "SourceSettings",
    "Stack",
    "State",
    "StrimziApiChoice",
    "TargetAuthentication",
    "TargetSettings",
    "TlsUsers",
    "Tracing",
    "UsersSettings",
    "VerificationSettings",
    "WorkersSettings",
]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one mirror."""

    source: SourceSettings
    target: TargetSettings
    mirror: MirrorSettings
    workers: WorkersSettings = field(default_factory=WorkersSettings)
    users: UsersSettings = field(default_factory=UsersSettings)
    verification: VerificationSettings = field(default_factory=VerificationSettings)
    monitoring: MonitoringSettings = field(default_factory=MonitoringSettings)
    cutover: CutoverSettings = field(default_factory=CutoverSettings)

    @property
    def fence(self) -> Fence:
        """How the source is fenced: as set, else as its origin allows."""
        by_origin: dict[Origin, Fence] = {
            "kubernetes": "strimzi",
            "credentials": "acls",
            "exported": "manual",
        }
        return self.cutover.fence or by_origin[self.source.origin]

    @property
    def users_remain(self) -> bool:
        """Whether copied users and their passwords remain at `pulumi destroy`: once the mirror is promoted,
        clients log in with them.
        """
        return self.users.retain or self.mirror.phase != "replicate"


@dataclass(frozen=True, slots=True)
class Stack:
    """The settings of one stack file: one mirror, or several that share its sections (`mirrors`)."""

    mirrors: tuple[Settings, ...]

    def __iter__(self) -> Iterator[Settings]:
        return iter(self.mirrors)

    @property
    def names(self) -> tuple[str, ...]:
        """The mirrors' names."""
        return tuple(settings.mirror.name for settings in self.mirrors)
