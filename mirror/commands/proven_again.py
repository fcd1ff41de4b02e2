"""Whether a mirror is proven again after the rollback of its cutover."""

from __future__ import annotations

from pathlib import Path

from mirror.problems import CouldNotRun
from mirror.verify.run import verify
from settings.model import Settings

_SECONDS = 180.0


def not_proven(settings: Settings, root: Path) -> str:
    """Verify the mirror, and return what it is instead of proven; empty where it is. A rollback that has
    undone every step did run, also where the target's Kafka is lost and nothing can be verified.
    """
    try:
        report = verify(settings, root=root, deadline_seconds=_SECONDS)
    except CouldNotRun as error:
        told = f"not verified: {error.tried}: {error.happened}"
        return f"{told}. Once that is mended, run `region-mirror verify`"
    failed = ", ".join(check.name for check in report.checks if not check.passed)
    return f"not proven: {failed}; run `region-mirror verify`" if failed else ""
