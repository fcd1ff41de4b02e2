"""The way back of a test's own mirror: the stack that `reverse` writes, deployed and all of it gone again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from settings.acls import source_user_acls
from settings.names import internal_topics
from tests.lab.support import kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.own_mirror import OwnMirror
from tests.lab.support.stack import Stack


def command(stack: Stack, *words: str) -> Ran:
    """Run a command with the stack's file."""
    argv = [sys.executable, "-m", "mirror", *words, "--config-file", str(stack.file)]
    return run(argv, cwd=stack.project, env=stack.environment)


@contextmanager
def way_back(mirror: OwnMirror) -> Iterator[Stack]:
    """The stack that `reverse` writes, deployed; its user reads west. Copies with a prefix that it made in
    east are deleted in the end.
    """
    regions = mirror.regions
    text = command(mirror.stack, "reverse").ok().stdout
    name = f"{mirror.name}-back"
    root = regions.lab.root
    stack = Stack.create(root / "own-mirrors" / name, root, name, regions.pulumi_environment())
    stack.file.write_text(text)
    (settings,) = stack.settings()
    user = str(settings.source.user)
    regions.make_user("west", user, "tls", source_user_acls(settings))
    east = regions.kafka("east")
    try:
        stack.up().ok()
        yield stack
    finally:
        stack.destroy().ok()
        stack.pulumi("stack", "rm", "--yes", "--stack", name).ok()
        copies = {one for one in kafka.topics(east) if one.startswith(f"west.{mirror.name}-")}
        for topic in (copies | set(internal_topics(settings))) & kafka.topics(east):
            kafka.delete_topic(east, topic)
        regions.remove_user("west", user)
