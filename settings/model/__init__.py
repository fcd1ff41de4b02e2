"""The settings of one stack, after all rules were checked.

A field's name is its key in the stack file. Its metadata hold `doc`, from which the reference page and the
JSON Schema are generated, and its rules: `rule` for text and for the elements of a list, `minimum` and
`maximum` for numbers, `filled` for lists that must not be empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from settings.model.cutover import (
    BindingSettings,
    CutoverSettings,
    Fence,
    Role,
    Side,
    WorkloadSettings,
)
from settings.model.mirror import (
    MirrorSettings,
    OffsetSyncsLocation,
    Overrides,
    Phase,
    Profile,
    ReplicationPolicy,
    State,
)
from settings.model.monitoring import MonitoringSettings
from settings.model.moved import MovedSettings
from settings.model.secret_ref import SecretRefSettings
from settings.model.source import ANONYMOUS, Origin, SourceAuthentication, SourceSettings
from settings.model.source_credentials import (
    CredentialSettings,
    ExportedSettings,
    MskIamSettings,
    OAuthSettings,
)
from settings.model.target import StrimziApiChoice, TargetAuthentication, TargetSettings
from settings.model.users import StandbyWrites, TlsUsers, UsersSettings
from settings.model.verification import Runner, VerificationSettings
from settings.model.workers import Metrics, Tracing, WorkersSettings

__all__ = [
    "ANONYMOUS",
    "BindingSettings",
    "CredentialSettings",
    "CutoverSettings",
    "ExportedSettings",
    "Fence",
    "Metrics",
    "MirrorSettings",
    "MonitoringSettings",
    "MovedSettings",
    "MskIamSettings",
    "OAuthSettings",
    "OffsetSyncsLocation",
    "Origin",
    "Overrides",
    "Phase",
    "Profile",
    "ReplicationPolicy",
    "Role",
    "Runner",
    "SecretRefSettings",
    "Settings",
    "Side",
    "SourceAuthentication",
    "SourceSettings",
    "Stack",
    "StandbyWrites",
    "State",
    "StrimziApiChoice",
    "TargetAuthentication",
    "TargetSettings",
    "TlsUsers",
    "Tracing",
    "UsersSettings",
    "VerificationSettings",
    "WorkersSettings",
    "WorkloadSettings",
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
        clients log in with them, or a part of it.
        """
        return self.users.retain or self.mirror.phase != "replicate" or bool(self.mirror.moved)

    @property
    def standby_writes(self) -> StandbyWrites:
        """Whether copied users may write to mirrored topics before the promotion: as set, else refused where
        a client needs only another address to write to a copy.
        """
        renamed = self.mirror.replication_policy != "identity"
        return self.users.standby_writes or ("allow" if renamed else "refuse")

    @property
    def read_only(self) -> bool:
        """Whether copied users may only read mirrored topics on the target, in this phase."""
        return self.standby_writes == "refuse" and self.mirror.phase == "replicate"

    @property
    def unverified(self) -> str:
        """Why `pulumi up` does not verify the mirror; empty where it does."""
        if not self.verification.enabled:
            return "verification.enabled is false"
        if self.mirror.phase != "replicate":
            return f"mirror.phase is {self.mirror.phase}"
        if self.mirror.state != "running":
            return f"mirror.state is {self.mirror.state}"
        return ""

    def in_phase(self, phase: Phase) -> Settings:
        """Return the same settings for another phase of the mirror."""
        return replace(self, mirror=replace(self.mirror, phase=phase))

    def with_moved(self, moved: MovedSettings) -> Settings:
        """Return the same settings after these topics and groups were moved, too."""
        if not self.mirror.moved.lacks(moved):
            return self
        both = self.mirror.moved.with_more(moved.topics, moved.groups)
        return replace(self, mirror=replace(self.mirror, moved=both))


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
