"""Whether the Kafka of the target is lost: what opens a region to clients again does not wait for it."""

from __future__ import annotations

from mirror.clients.source_look import look_at_source
from mirror.cutover.step import World
from mirror.problems import CouldNotRun


def no_answer(world: World) -> str:
    """Return why no broker of the target answers, after 5 seconds at most; empty where one does, also one
    that refuses the login, or where nobody can tell.
    """
    try:
        seen = look_at_source(world.session.deployed.target_access(world.resource()))
    except CouldNotRun:
        return ""
    return seen.text if seen.state == "silent" else ""
