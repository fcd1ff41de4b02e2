"""What every step before the promotion says of a mirror that is promoted already, and how a move ends whose
source is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from mirror.clients.source_look import look_at_source
from mirror.cutover.step import Verdict, World
from mirror.mm2.phase import REPLICATE, phase_of, promoted_since
from mirror.problems import CouldNotConnect, CouldNotRun, NotLoggedIn, TooManyRequests


def already_promoted(resource: Mapping[str, Any]) -> Verdict | None:
    """Return `done` once the mirror is promoted; None before.

    From then on clients commit and produce on the target, so none of these steps may act again.
    """
    phase, since = phase_of(resource), promoted_since(resource)
    if phase == REPLICATE:
        return None
    return Verdict("done", f"the mirror is {phase}{f' since {since}' if since else ''}")


def not_promoted(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a resource that may be started again. Raises CouldNotRun where it was promoted: another operator
    may have done that while this one was cut off, and held the lease no longer.
    """
    if already_promoted(resource) is None:
        return resource
    since = promoted_since(resource)
    raise CouldNotRun(
        "starting the mirror's connectors again",
        f"the mirror was promoted{f' at {since}' if since else ''}: they would copy the source into topics "
        "that clients write now",
        "nothing of the mirror was started. See who promoted it with `cutover status` or `failover status`",
    )


@contextmanager
def naming_failover(world: World) -> Iterator[None]:
    """Add to a cluster that does not answer who does the rest without a source: once the mirror is promoted,
    because a cutover looks at its fence first, and before where no broker of the source answers either, which
    takes 5 seconds at most. Raises CouldNotConnect.
    """
    try:
        yield
    except (NotLoggedIn, TooManyRequests):  # it answers: it is not lost
        raise
    except CouldNotConnect as error:
        if not (lost := _without_source(world)):
            raise
        raise CouldNotConnect(error.tried, error.happened, f"{error.way_out}; {lost}") from error


def _without_source(world: World) -> str:
    source = world.settings.source.alias
    with suppress(CouldNotRun):
        if (phase := phase_of(world.resource())) != REPLICATE:
            return (
                f"the mirror is {phase}: where {source} is lost, `region-mirror failover` does what is left "
                "(switch and start clients) without it"
            )
        if look_at_source(world.source_access()).state == "silent":
            return (
                f"no broker of {source} answers. If it is lost, `region-mirror failover --dry-run` says what "
                "completes the move without it; what a cutover has moved stays moved"
            )
    return ""
