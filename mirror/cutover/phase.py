"""What every step before the promotion says of a mirror that is promoted already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirror.cutover.step import Verdict
from mirror.mm2.phase import REPLICATE, phase_of, promoted_since


def already_promoted(resource: Mapping[str, Any]) -> Verdict | None:
    """Return `done` once the mirror is promoted; None before.

    From then on clients commit and produce on the target, so none of these steps may act again.
    """
    phase, since = phase_of(resource), promoted_since(resource)
    if phase == REPLICATE:
        return None
    return Verdict("done", f"the mirror is {phase}{f' since {since}' if since else ''}")
