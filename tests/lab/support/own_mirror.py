"""A mirror of a test's own between the lab's regions: its names and topics are nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from settings.acls import Acl
from settings.names import Names
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack


class Remembering(Stack):
    """A stack whose file goes back to what it was."""

    def remember(self) -> None:
        """Keep the stack file."""
        self.file.with_suffix(".kept").write_text(self.file.read_text())

    def as_before(self) -> None:
        """Put back what was kept."""
        self.file.write_text(self.file.with_suffix(".kept").read_text())


@dataclass(frozen=True)
class OwnMirror:
    """A stack with one mirror `name` of topics that begin with `name-`; the copies are named
    `<alias>.<topic>`.
    """

    regions: Regions
    stack: Remembering
    name: str
    alias: str

    @property
    def names(self) -> Names:
        """The names of what it declares."""
        (settings,) = self.stack.settings()
        return Names.of(settings)

    @property
    def readers(self) -> str:
        """The group of its clients (`in_use`)."""
        return f"{self.name}-readers"

    @property
    def writer(self) -> str:
        """The user of its clients that writes on the source (`in_use`)."""
        return f"{self.name}-writer"

    def topic(self, suffix: str = "orders") -> str:
        """One of its topics on the source."""
        return f"{self.name}-{suffix}"

    def copy(self, suffix: str = "orders") -> str:
        """Its copy on the target."""
        return f"{self.alias}.{self.topic(suffix)}"

    def produce(self, *values: str, suffix: str = "orders", partition: int = 0) -> None:
        """Append records on the source."""
        kafka.produce(self.regions.kafka("east"), self.topic(suffix), values, partition=partition)

    def copied(self, suffix: str = "orders", *, partition: int = 0) -> list[bytes | None]:
        """The values on the target, oldest first; none where there is no copy."""
        west = self.regions.kafka("west")
        if self.copy(suffix) not in kafka.topics(west):
            return []
        return [record.value for record in kafka.read(west, self.copy(suffix), partition=partition)]

    def internal_topics(self) -> set[str]:
        """What Connect and MM2 keep on the target, of what is there now."""
        mine = (f"__{self.name}-", f"mm2-offset-syncs.{self.alias}", f"{self.alias}.checkpoints")
        return {topic for topic in kafka.topics(self.regions.kafka("west")) if topic.startswith(mine)}

    def clear_target(self) -> None:
        """Delete everything under its names on the target."""
        west = self.regions.kafka("west")
        for topic in kafka.topics(west):
            if topic in self.internal_topics() or topic.startswith(f"{self.alias}."):
                kafka.delete_topic(west, topic)

    def clear_source(self) -> None:
        """Delete its topics on the source."""
        east = self.regions.kafka("east")
        for topic in kafka.topics(east):
            if topic.startswith(f"{self.name}-"):
                kafka.delete_topic(east, topic)


@contextmanager
def own_mirror(
    regions: Regions,
    what: str,
    change: Callable[[dict[str, Any]], None] | None = None,
    prefix: str = "scratch-",
) -> Iterator[OwnMirror]:
    """A stack that is not deployed yet; in the end nothing of it is left on either side. `prefix`: of the
    names of the mirror and its topics; the tests' common mirror takes scratch- along, too.
    """
    name = f"{prefix}{what}-{uuid.uuid4().hex[:4]}"
    alias = name.removeprefix(prefix)
    stack = Remembering.create(
        regions.lab.root / "own-mirrors" / what, regions.lab.root, name, regions.pulumi_environment()
    )

    def own(config: dict[str, Any]) -> None:
        config["source"]["alias"] = alias
        config["mirror"].update(
            {
                "name": name,
                "topics": [f"{name}-.*"],
                "groups": [f"{name}-.*"],
                "tasks_max": 1,
                "replication_policy": "default",
                "refresh_topics_interval_seconds": 5,
                "refresh_groups_interval_seconds": 5,
            }
        )
        config["workers"]["replicas"] = 1
        config["users"]["copy"] = []
        if change is not None:
            change(config)

    stack.configure(own)
    stack.remember()
    made = OwnMirror(regions, stack, name, alias)
    with ExitStack() as undo:
        undo.callback(lambda: stack.pulumi("stack", "rm", "--yes", "--stack", name).ok())
        undo.callback(made.clear_source)
        undo.callback(made.clear_target)
        undo.callback(lambda: stack.destroy().ok())
        yield made


@contextmanager
def in_use(made: OwnMirror, old: int, read: int, *more: Acl) -> Iterator[None]:
    """Deploy it with clients at the source: a topic of `old` records, a group that has read the first `read`
    of them and has stopped, and a user that writes (`more`: its further ACLs). In the end the user is gone;
    the group and what a test has made on the target are the test's.
    """
    east = made.regions.kafka("east")
    kafka.create_topic(east, made.topic())
    made.produce(*(f"old {number}" for number in range(old)))
    kafka.commit(east, made.readers, made.topic(), read)
    rules = [Acl("topic", made.topic(), "literal", ("Describe", "Write")), *more]
    made.regions.make_user("east", made.writer, "scram-sha-512", rules)
    try:
        made.stack.up().ok()
        yield
    finally:
        made.regions.remove_user("east", made.writer)
