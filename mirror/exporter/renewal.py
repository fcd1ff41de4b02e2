"""Whether the mirror's Secrets still hold what a session has logged in with.

An exporter keeps its connections for weeks. Secrets are renewed in that time: after it, brokers that restart
refuse the old password, and certificates-valid would judge a certificate that nobody uses any more.
"""

from __future__ import annotations

import time

from mirror.problems import CouldNotRun
from mirror.text.waiting import Clock
from mirror.verify.reading.look import Session

EVERY_SECONDS = 300.0
"""Between two questions: Secrets change rarely."""


class Renewal:
    """Compares now and then. Make one for each session."""

    def __init__(self, clock: Clock = time) -> None:
        self._clock = clock
        self._at = clock.monotonic()

    def due(self, session: Session) -> bool:
        """Whether the session has to be opened again. A Secret that cannot be read changes nothing: the
        connections that are there go on.
        """
        sides, now = session.opened, self._clock.monotonic()
        if sides is None or now - self._at < EVERY_SECONDS:
            return False
        self._at = now
        try:
            deployed = session.deployed
            access = deployed.access(deployed.read())
        except CouldNotRun:
            return False
        return (access.source, access.target) != (sides.source.access, sides.target.access)
