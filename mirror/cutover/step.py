"""The interface between the engine of the cutover and its steps: what a step sees, says and does.

A step never remembers where the cutover is: `look` reads it from both clusters and both Kubernetes APIs at
each call. The journal keeps only what cannot be read there: what must be put back, and the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from mirror.clients.access import ClusterAccess
from mirror.clients.admin_config import AdminLogin
from mirror.clients.kubernetes import Kubernetes
from mirror.clients.sides import Sides
from mirror.verify.reading.look import Session
from settings.model import Settings
from settings.names import Names

State = Literal["done", "todo", "waiting", "blocked"]
"""`todo`: `do` is called. `waiting`: only time is needed. `blocked`: a person has to decide, and the command
ends."""
JSON: TypeAlias = Any
"""A value that `json.dumps` accepts."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a step says of the world as it is now."""

    state: State
    text: str
    """One plain sentence."""
    remedy: str = ""
    """What to do, where it is blocked."""
    evidence: Mapping[str, JSON] = field(default_factory=dict)
    """What was seen: offsets, counts, ACLs, times. Kept in the journal. Never a secret."""
    remaining: int | None = None
    """The records or groups that are still to do, where that can be counted."""

    def to_json(self) -> dict[str, JSON]:
        """Return the verdict as plain JSON values, without what is empty."""
        found: dict[str, JSON] = {"state": self.state, "text": self.text}
        if self.remedy:
            found["remedy"] = self.remedy
        if self.remaining is not None:
            found["remaining"] = self.remaining
        if self.evidence:
            found["evidence"] = dict(self.evidence)
        return found


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who runs the command has agreed to."""

    accept_unfenced: frozenset[str] = frozenset()
    """Users that cannot be fenced, and whose producers somebody else stops."""
    abort_transactions: frozenset[str] = frozenset()
    """Transactional ids whose open transactions at the source are aborted."""
    leave_out_groups: frozenset[str] = frozenset()
    """Groups that are not moved: their offsets on the target stay as they are."""
    delete_unrecorded: bool = False
    """ACLs of the fence's form are deleted, although no journal says that the fence has made them."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a step may read and change. The engine opens it once for all steps."""

    settings: Settings
    root: Path
    """The folder where relative paths of the stack file start."""
    session: Session
    """The connections to both clusters, as `verify` uses them: `Look(world.session, ...)` reads with them."""
    source_kubernetes: Kubernetes | None = None
    """None: the source is not on Kubernetes, or its API is not configured."""
    source_admin: AdminLogin | None = field(default=None, repr=False)
    """The login of the source's administrator; only this command has it, and nothing stores it."""
    options: Options = field(default_factory=Options)

    @property
    def names(self) -> Names:
        """The names that derive from the settings."""
        return self.session.names

    @property
    def target_kubernetes(self) -> Kubernetes:
        """The Kubernetes API in which the mirror is."""
        return self.session.deployed.kubernetes

    def resource(self) -> Mapping[str, Any]:
        """The KafkaMirrorMaker2 as it is now. Raises CouldNotRun."""
        return self.session.deployed.read()

    def sides(self) -> Sides:
        """Both clusters: the source as MM2 logs in to it, the target as the verifier. Raises CouldNotRun."""
        return self.session.opened or self.session.open(self.resource())

    def source_access(self) -> ClusterAccess:
        """How MM2 logs in to the source; a target whose Kafka is lost is not needed. Raises CouldNotRun."""
        opened = self.session.opened
        return opened.source.access if opened else self.session.deployed.source_access(self.resource())

    def mirror_user(self) -> ClusterAccess:
        """How MM2 logs in to the target: it may commit offsets of the mirror's groups. Raises CouldNotRun."""
        return self.session.deployed.mirror_user(self.resource())


class Journal(Protocol):
    """What cannot be read from the world. Each call writes at once; raises CouldNotRun where it cannot."""

    def keep(self, step: str, key: str, value: JSON) -> None:
        """Write down a value that a later `undo` needs, BEFORE the change that makes it necessary."""

    def kept(self, step: str, key: str) -> JSON:
        """Return a value that was written down; None where there is none: the journal may be lost."""

    def forget(self, step: str, key: str) -> None:
        """Remove a value after it was put back."""

    def knows(self, *steps: str) -> bool:
        """Whether it says that one of these steps has acted or was done. If so, it was not lost since, and
        what it does not keep is not the step's.
        """

    def confirm(self) -> None:
        """Raise CouldNotRun where another operator has written to it since, as while this machine slept: all
        write down first what they change. For a change that nobody can undo, once the object was read: it has
        another version after what they have changed.
        """


class Step(Protocol):
    """One step of the cutover. Its calls raise CouldNotRun where the world cannot be read or changed."""

    @property
    def name(self) -> str:
        """The name that `--until` takes, such as `prove-fence`."""

    @property
    def patience(self) -> float:
        """Seconds that the engine waits for the step to be done."""

    @property
    def lasting(self) -> bool:
        """Whether the step must remain done: the engine looks at it again before each later step acts."""

    def look(self, world: World) -> Verdict:
        """Read the world and judge it; change nothing."""

    def do(self, world: World, journal: Journal) -> None:
        """Change what is missing. Idempotent: the engine calls it at each look that says `todo`."""

    def undo(self, world: World, journal: Journal) -> str | None:
        """Put everything back, also without a journal, and return once that was read back: what stays all the
        same, if anything. Idempotent; the engine calls it in reverse order, and before the promotion only."""


class OnlyLooks:
    """Base of a step that only judges: its `look` never says `todo`, so there is nothing to do or undo."""

    __slots__ = ()

    def do(self, world: World, journal: Journal) -> None:
        """Change nothing; the engine does not ask for it."""

    def undo(self, world: World, journal: Journal) -> None:
        """Change nothing, because `do` has not."""
