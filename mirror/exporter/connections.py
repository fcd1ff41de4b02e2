"""The connections of an exporter to one mirror's clusters: opened when they are needed, and kept."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from mirror.exporter.renewal import Renewal
from mirror.status.reading import SnapshotReader
from mirror.verify.reading.look import Session
from mirror.verify.values.matched_windows import MatchedWindows
from mirror.verify.values.memory import Memory
from settings.model import Settings


class Connections:
    """One session, and the eye that looks through it; anew when the credentials were renewed. Not for several
    threads.
    """

    def __init__(self, settings: Settings, root: Path, *, copied_users: bool = False) -> None:
        self._settings = settings
        self._root = root
        self._copied_users = copied_users
        self._memory = Memory(matched=MatchedWindows())
        self._stack = ExitStack()
        self._open: tuple[Session, SnapshotReader, Renewal] | None = None

    def opened(self) -> tuple[Session, SnapshotReader]:
        """Return them. The first reading logs in."""
        if self._open is not None and self._open[2].due(self._open[0]):
            self.close()
        if self._open is None:
            session = Session(
                self._settings,
                self._root,
                self._stack,
                copied_users=self._copied_users,
                memory=self._memory,
            )
            self._open = session, SnapshotReader(self._settings, self._root, self._stack, session), Renewal()
        return self._open[:2]

    def close(self) -> None:
        """Close them; `opened` connects again."""
        self._open = None
        self._stack.close()
