"""Observes one mirror for the exporter: the checks, then the status, through the same connections.

The status is read beside records-match, which takes as long as all else together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from mirror.exporter.connections import Connections
from mirror.exporter.samples import Gone, Observation
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import NotThere
from mirror.status.picture import draw
from mirror.status.rates import Rates
from mirror.status.snapshot import Snapshot
from mirror.verify.checks import connectors_running
from mirror.verify.reading.look import Look
from mirror.verify.run import report_of
from settings.model import Settings
from settings.names import Names


class MirrorObserver:
    """Observes one mirror on each call. Connections are opened lazily, and again after a failed call and when
    the credentials were renewed."""

    def __init__(
        self, settings: Settings, root: Path, checks: Sequence[str], *, copied_users: bool = False
    ) -> None:
        self._settings = settings
        self._checks = checks
        self._connections = Connections(settings, root, copied_users=copied_users)
        self._rates = Rates()

    def __call__(self) -> Observation | Gone | None:
        """Observe once; None for a promoted mirror, which is stopped for good. Raises CouldNotRun if a
        cluster or the KafkaMirrorMaker2 cannot be reached.
        """
        try:
            seen = self._look()
        except BaseException:
            self.close()
            raise
        if not isinstance(seen, Observation):
            self.close()
        return seen

    def _look(self) -> Observation | Gone | None:
        settings = self._settings
        session, eye = self._connections.opened()
        try:
            phase = phase_of(Look(session, ()).resource)
        except NotThere:
            if settings.mirror.phase == REPLICATE and connectors_running.NAME in self._checks:
                return Gone()
            raise
        if phase != REPLICATE:
            return None
        seen: list[Snapshot] = []
        report = report_of(session, self._checks, meanwhile=lambda: seen.append(eye.look()))
        names = Names.of(settings)
        return Observation(
            report,
            draw(seen[0], self._rates),
            (names.source_connector, names.checkpoint_connector),
            settings.verification.max_lag_seconds,
            timedelta(days=settings.verification.certificate_margin_days),
        )

    def close(self) -> None:
        """Close the connections; the next call connects again."""
        self._connections.close()
