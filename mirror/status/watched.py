"""One mirror that is looked at again and again: its connections, rates and history."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol

from mirror.problems import CouldNotRead
from mirror.status.filters import Filters
from mirror.status.history import History
from mirror.status.picture import Picture, draw, failure
from mirror.status.rates import Rates
from mirror.status.reading import SnapshotReader
from mirror.status.snapshot import Snapshot
from mirror.text.failures import reason_of
from mirror.verify.reading.look import Session
from mirror.verify.values.memory import Memory
from settings.model import Settings


class SnapshotSource(Protocol):
    """Source of snapshots: a SnapshotReader, or a test's."""

    def glance(self) -> Snapshot:
        """Read only positions and log bounds."""
        ...

    def look(self) -> Snapshot:
        """Read everything."""
        ...


class Watched:
    """One mirror with its connections, rates and history."""

    def __init__(
        self, settings: Settings, root: Path, keep: Callable[[Snapshot], None] = lambda seen: None
    ) -> None:
        """`keep` gets what each successful look has read, before it is filtered."""
        self._keep = keep
        self._settings = settings
        self._root = root
        self._memory = Memory()
        self._stack = ExitStack()
        self._eye: SnapshotSource | None = None
        self.rates = Rates()
        self.history = History()
        self.picture: Picture | None = None
        self.seen: Picture | None = None
        """The last successful look."""

    @property
    def name(self) -> str:
        """The mirror's name."""
        return self._settings.mirror.name

    def open(self) -> SnapshotSource:
        """Return the source of snapshots; connect if needed. Raises CouldNotRun."""
        if self._eye is None:
            session = Session(self._settings, self._root, self._stack, memory=self._memory)
            self._eye = SnapshotReader(self._settings, self._root, self._stack, session)
        return self._eye

    def glance(self, filters: Filters) -> None:
        """Read only positions, for rates. Raises CouldNotRun if a cluster cannot be reached."""
        with suppress(CouldNotRead):  # the next look reports it
            seen = filters.apply(self.open().glance())
            self.rates.look(seen.at, seen.partitions)

    def look(self, filters: Filters, *, bear: bool) -> Picture:
        """Look once. `bear`: a failure becomes a picture with its reason instead of an exception."""
        try:
            snapshot = self.open().look()
            self._keep(snapshot)
            picture = draw(filters.apply(snapshot), self.rates)
            self.seen = picture
        except Exception as error:
            self.close()
            if not bear:
                raise
            names = self._settings
            reason = reason_of(error)
            picture = failure(names.mirror.name, names.source.alias, names.target.alias, time.time(), reason)
        self.picture = picture
        self.history.add(picture)
        return picture

    def close(self) -> None:
        """Close the connections; the next look connects again."""
        self._eye = None
        self._stack.close()

    @property
    def since(self) -> float | None:
        """Start of the current state, in seconds since the epoch; None if unknown."""
        return None if self.picture is None else self.history.since(self.picture.verdict)
