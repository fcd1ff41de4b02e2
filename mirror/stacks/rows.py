"""What is known of each mirror of a project: what its stack file declares, and what is deployed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from mirror.mm2.phase import AT_REST
from mirror.problems import Finding
from settings.model import Settings

Word = Literal["ok", "found", "unknown", "not deployed", "declared"]
"""The verdict of a mirror. `declared`: only its stack file was read."""


@dataclass(frozen=True, slots=True)
class Live:
    """What the target's Kubernetes and Pulumi's state tell of one mirror.

    `deployed`: None where the resource could not be read. `version`: Kafka's version of the workers, empty
    for the operator's default. `verified`: when the newest verification passed, as ISO 8601. `drift`: what a
    deployment would change; None where that could not be read. `unread`: why a part could not be read.
    """

    deployed: bool | None = None
    version: str = ""
    verified: str = ""
    drift: tuple[str, ...] | None = None
    findings: tuple[Finding, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """One mirror of a stack. `findings` of several stacks together are those of the policy's rules."""

    stack: str
    settings: Settings
    live: Live | None = None
    together: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the worst first."""
        live = self.live or Live()
        gone = live.deployed is False and bool(live.verified)
        lost = Finding("KafkaMirrorMaker2", "it was deployed and verified, but does not exist", "pulumi up")
        drifted = (
            (Finding("drift", "; ".join(live.drift), "see `plan`, then deploy or revert"),)
            if live.drift and live.deployed
            else ()
        )
        return (*((lost,) if gone else ()), *live.findings, *self.together, *drifted)

    @property
    def word(self) -> Word:
        """The verdict."""
        if self.findings:
            return "found"
        if self.live is None:
            return "declared"
        if self.live.deployed is False:
            return "not deployed"
        return "unknown" if self.live.unread or self.live.deployed is None else "ok"

    @property
    def worst(self) -> str:
        """The worst finding, or why something is unknown; empty for neither."""
        if self.findings:
            first = self.findings[0]
            return f"{first.subject}: {first.message}"
        return self.live.unread[0] if self.live and self.live.unread else ""

    @property
    def worst_name(self) -> str:
        """As `worst`, but only what a finding is about, and how many more there are."""
        if not self.findings:
            return self.worst
        more = len(self.findings) - 1
        return self.findings[0].subject + (f" and {more:,} more" if more else "")

    @property
    def state(self) -> str:
        """The phase, and the state of a mirror that replicates."""
        mirror = self.settings.mirror
        running = mirror.phase in AT_REST or mirror.state == "running"
        return mirror.phase if running else f"{mirror.phase}, {mirror.state}"

    def to_json(self) -> dict[str, Any]:
        """Return plain values; null where the clusters were not read."""
        settings, live = self.settings, self.live
        return {
            "mirror": settings.mirror.name,
            "source": settings.source.alias,
            "target": settings.target.alias,
            "policy": settings.mirror.replication_policy,
            "topics": list(settings.mirror.topics),
            "phase": settings.mirror.phase,
            "state": settings.mirror.state,
            "verdict": self.word,
            "deployed": live.deployed if live else None,
            "version": (live.version or None) if live else None,
            "verified": (live.verified or None) if live else None,
            "drift": list(live.drift) if live and live.drift is not None else None,
            "worst": self.worst or None,
            "findings": [one.to_json() for one in self.findings],
            "unread": list(live.unread) if live else None,
        }


@dataclass(frozen=True, slots=True)
class StackRow:
    """One stack file: its mirrors, or why it cannot be read."""

    stack: str
    mirrors: tuple[MirrorRow, ...] = ()
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        mirrors = [one.to_json() for one in self.mirrors]
        return {"stack": self.stack, "problem": self.problem or None, "mirrors": mirrors}


@dataclass(frozen=True, slots=True)
class Overview:
    """All stacks of a project. `notes` are about reading."""

    project: str
    stacks: tuple[StackRow, ...]
    offline: bool
    notes: tuple[str, ...] = field(default=())

    @property
    def mirrors(self) -> Iterable[MirrorRow]:
        """The mirrors of all stacks."""
        return (mirror for stack in self.stacks for mirror in stack.mirrors)

    @property
    def found(self) -> bool:
        """Whether a mirror has a finding."""
        return any(one.findings for one in self.mirrors)

    @property
    def unknown(self) -> bool:
        """Whether a stack file or a cluster could not be read."""
        return any(one.problem for one in self.stacks) or any(one.word == "unknown" for one in self.mirrors)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "project": self.project,
            "offline": self.offline,
            "passed": not (self.found or self.unknown),
            "stacks": [one.to_json() for one in self.stacks],
            "notes": list(self.notes),
        }
