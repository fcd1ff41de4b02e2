"""Keeps the last look of one mirror for a command that looks anyway. Never raises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mirror.estate.connection import connect
from mirror.last_look.record import LastLook
from mirror.last_look.store import LEAST_SECONDS, LastLookStore
from mirror.problems import CouldNotRun
from mirror.status.snapshot import Snapshot
from mirror.text.failures import reason_of
from settings.model import Settings


class Keeper:
    """Call it with each snapshot. `by` names the command, which looks again within `every` seconds. `say`
    gets the reason when the look cannot be kept, once until that changes."""

    def __init__(
        self,
        settings: Settings,
        root: Path,
        by: str,
        say: Callable[[str], None],
        every: float | None = None,
    ) -> None:
        self._settings = settings
        self._root = root
        self._by = by
        self._every = None if every is None else max(every, LEAST_SECONDS)
        self._say = say
        self._store: LastLookStore | None = None
        self._reason = ""

    def __call__(self, seen: Snapshot) -> None:
        """Keep the snapshot as the last look, if it saw the source."""
        try:
            reason = self._opened().keep(seen, self._by, self._every)
        except CouldNotRun as error:
            reason = f"the last look was not kept: {reason_of(error)}"
        if reason:
            self._store = None  # the login of a kubeconfig may have been renewed since
        if reason and reason != self._reason:
            self._say(f"{self._settings.mirror.name}: {reason}")
        self._reason = reason

    def last(self) -> LastLook | None:
        """Return the last look: this process's own, or the one in the ConfigMap. Raises CouldNotRun."""
        store = self._opened()
        return store.last or store.read()

    def _opened(self) -> LastLookStore:
        if self._store is None:
            self._store = LastLookStore(connect(self._settings.target, self._root), self._settings)
        return self._store
