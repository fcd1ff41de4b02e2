"""Keeps the last look of one mirror, in a thread of its own: every half minute, whatever `--every` is.

Its samples outlive the source: what a failover would miss matters most once the source does not answer, also
to an exporter that was started after that. A look that fails may do so for many reasons, so it is followed by
the bounded look of a failover, which tells whether the source is silent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from manifests.monitoring import metrics
from mirror.clients.source_look import look_at_source
from mirror.exporter.connections import Connections
from mirror.exporter.samples import Samples
from mirror.exporter.watcher import HUNG_SECONDS
from mirror.last_look.keeper import Keeper
from mirror.last_look.record import LastLook
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.text.failures import reason_of
from settings.model import Settings

EVERY_SECONDS = 30.0
_STOP_SECONDS = 10.0


class LastLookThread:
    """Looks and keeps until it is stopped. A failure is printed once and changes nothing."""

    def __init__(self, settings: Settings, root: Path, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._keeper = Keeper(settings, root, "exporter", say, EVERY_SECONDS)
        self._connections = Connections(settings, root)
        self._lock = threading.Lock()
        self._last: LastLook | None = None
        self._silent: bool | None = None
        self._promoted = False
        self._reason = ""
        self._finished = time.monotonic()
        self._ends = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"last look {settings.mirror.name}", daemon=True
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the current look, and close the connections if it ends within 10 seconds."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        if not self._thread.is_alive():
            self._connections.close()

    def samples(self) -> Samples:
        """Return what a failover would miss by the last look; nothing of a mirror that is promoted."""
        with self._lock:
            last, silent, promoted = self._last, self._silent, self._promoted
        return {} if promoted else failover_samples(last, self._settings, silent)

    def look(self) -> None:
        """Look once and keep the result."""
        silent: bool | None = False
        reason = ""
        try:
            self._look()
        except Exception as error:
            silent = self._silence()
            self._connections.close()
            reason = f"{self._settings.mirror.name}: the source was not seen: {reason_of(error)}"
        if reason and reason != self._reason:
            self._say(reason)
        self._reason = reason
        with self._lock:
            self._silent = silent
        try:
            last = self._keeper.last()
        except Exception:  # the thread must go on, and the samples stay as they are
            return
        with self._lock:
            self._last = last

    def _look(self) -> None:
        session, eye = self._connections.opened()
        promoted = phase_of(session.deployed.read()) != REPLICATE
        with self._lock:
            self._promoted = promoted
        if promoted:  # no failover is ahead, and the source may be lost for good
            self._connections.close()
        else:
            self._keeper(eye.look())

    def _silence(self) -> bool | None:
        """Whether no broker of the source answers; None where nobody could ask: the target's Kubernetes does
        not answer either, or the login cannot be read or used."""
        try:
            session, _ = self._connections.opened()
            seen = look_at_source(session.deployed.source_access(session.deployed.read()))
        except Exception:  # the thread must go on
            return None
        return None if seen.state == "unknown" else seen.state == "silent"

    @property
    def well(self) -> bool:
        """Whether looks finish: the alert for a source that is silent has no other eye."""
        return self._thread.is_alive() and time.monotonic() - self._finished < HUNG_SECONDS

    def _run(self) -> None:
        while not self._ends.is_set():
            began = time.monotonic()
            self.look()
            self._finished = time.monotonic()
            self._ends.wait(max(0.0, began + EVERY_SECONDS - time.monotonic()))


def failover_samples(last: LastLook | None, settings: Settings, silent: bool | None = None) -> Samples:
    """Return the samples of a last look, and the limits of the alert; only the limits before the first.
    `silent`: whether the source is; None where that is not known.
    """
    monitoring = settings.monitoring
    found: Samples = {
        metrics.FAILOVER_LIMIT_RECORDS: {(): float(monitoring.failover_limit_records)},
        metrics.FAILOVER_LIMIT_SECONDS: {(): float(monitoring.failover_limit_seconds)},
    }
    if silent is not None:
        found[metrics.SOURCE_SILENT] = {(): float(silent)}
    if last is not None:
        found[metrics.LAST_LOOK] = {(): last.at}
        found[metrics.FAILOVER_MISSING_RECORDS] = {(): float(last.behind)}
        found[metrics.FAILOVER_COVERED_UNTIL] = {(): last.covered_until}
    return found
