"""A mirror of 36 partitions and 4 groups, or of 1,000 and 200, that is moved again and again on the lab.

Nobody writes to its target, so it can replicate again after each move: the fence is removed, the connectors
run again, and the marks of the promotion are removed. Both logs are the same before the next move begins.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.drill.producing import Writer
from lab.drill.production import Stream
from lab.layout import Lab
from manifests.metadata import PHASE, PROMOTED_AT, STATES_BEFORE
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from mirror.cutover.connectors.change import change, ownership_patch, states_patch
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.open import opened
from mirror.cutover.step import World
from mirror.problems import NotThere
from mirror.verify.run import verify
from settings.model import Settings
from tests.bench.moved_logs import Kept, Log, Size, difference, inexact, read_log, unread
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.unit.support.memory_journal import MemoryJournal

PROVEN_SECONDS = 600.0


@dataclass(frozen=True)
class Moving:
    """The deployed mirror, and everything around it."""

    lab: Lab
    settings: Settings
    file: Path
    streams: Sequence[Stream]
    tell: Kept
    size: Size

    @property
    def groups(self) -> dict[str, Stream]:
        """The consumer groups, and the stream that each reads."""
        numbers = range(1, self.size.groups_each + 1)
        return {f"{one.topics['source']}-readers-{n}": one for one in self.streams for n in numbers}

    def partitions(self, stream: Stream) -> int:
        """The partitions of a stream's topics."""
        return self.size.partitions[stream.name]

    def copy(self, stream: Stream) -> str:
        """The topic on the target."""
        return stream.topics["target"]

    def commit(self, chance: random.Random) -> None:
        """Let each group read on: to the end, or to a random record. A group never goes back."""
        east = Regions(self.lab).kafka("east")
        logs = {stream.name: self.logs("east", stream) for stream in self.streams}
        for group, stream in self.groups.items():
            topic, offsets = stream.topics["source"], {}
            before = kafka.committed_all(east, group, topic, self.partitions(stream))
            for partition, records in logs[stream.name].items():
                unread = [offset for offset, _ in records if offset >= before[partition]]
                if unread:
                    offsets[partition] = chance.choice((unread[-1] + 1, chance.choice(unread)))
            if offsets:
                kafka.commit_all(east, group, topic, offsets)

    def logs(self, region: str, stream: Stream) -> Log:
        """Offset and identity of every record, by partition."""
        topic = stream.topics["source"] if region == "east" else stream.topics["target"]
        return read_log(Regions(self.lab).kafka(region), topic, self.partitions(stream))

    @contextlib.contextmanager
    def writing(self) -> Iterator[list[Writer]]:
        """Producers on the source; at the end each of their records has been told."""
        first = 10_000_000 + len(self.tell.lines)
        writers = [Writer(one, "source", first, self.tell) for one in self.streams]
        for writer in writers:
            writer.start()
        try:
            yield writers
        finally:
            for writer in writers:
                writer.end()

    def more(self, records: int = 20, seconds: float = 60.0) -> None:
        """Wait until the source has accepted further records."""
        enough, deadline = len(self.tell.accepted()) + records, time.monotonic() + seconds
        while len(self.tell.accepted()) < enough:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the source did not accept {records} records within {seconds:.0f} s")
            time.sleep(0.1)

    def compare(self) -> list[str]:
        """Return what is lost, doubled or out of order on the target, and which offsets are not exact."""
        problems = []
        accepted = {(one["stream"], one["record"]) for one in self.tell.accepted()}
        for stream in self.streams:
            here, there = self.logs("east", stream), self.logs("west", stream)
            on_source = {name for records in here.values() for _, name in records}
            lost = sum(name not in on_source for of, name in accepted if of == stream.name)
            if lost:
                problems.append(f"{stream.name}: {lost} accepted records are not on the source itself")
            for partition, records in here.items():
                problems += difference(f"{stream.name}-{partition}", records, there[partition])
            for group in (name for name, of in self.groups.items() if of is stream):
                problems += self._inexact(group, stream, here, there)
        return problems

    def _inexact(self, group: str, stream: Stream, here: Log, there: Log) -> list[str]:
        regions, many = Regions(self.lab), self.partitions(stream)
        at = kafka.committed_all(regions.kafka("east"), group, stream.topics["source"], many)
        moved = kafka.committed_all(regions.kafka("west"), group, stream.topics["target"], many)
        return [
            problem
            for number in here
            for problem in inexact(
                f"{group} {number}", unread(here[number], at[number]), unread(there[number], moved[number])
            )
        ]

    @contextlib.contextmanager
    def world(self) -> Iterator[World]:
        """The connections of a cutover."""
        with opened(self.settings, self.file.parent) as world:
            yield world

    def put_back(self) -> None:
        """Let a promoted mirror replicate again, and wait until it is proven."""
        with self.world() as world:
            StrimziFence().undo(world, MemoryJournal())
            running = {SOURCE_CONNECTOR: "running", CHECKPOINT_CONNECTOR: "running"}
            unmarked = {PHASE: None, PROMOTED_AT: None, STATES_BEFORE: None}
            alias = self.settings.source.alias
            change(
                world.target_kubernetes,
                world.resource,
                [lambda now: states_patch(now, alias, running, unmarked), ownership_patch],
            )
            for path in ("api/v1/{}/configmaps", "apis/coordination.k8s.io/v1/{}/leases"):
                where = "/" + path.format(f"namespaces/{self.settings.target.namespace}")
                name = world.names.cutover
                with contextlib.suppress(NotThere):
                    world.target_kubernetes.request("DELETE", f"{where}/{name}", name, verb="delete")
        self.proven()

    def proven(self) -> None:
        """Wait until every check passes. AssertionError where one does not."""
        report = verify(self.settings, root=self.file.parent, deadline_seconds=PROVEN_SECONDS)
        failed = [one.name for one in report.checks if not one.passed]
        if failed:
            raise AssertionError(f"the mirror is not proven: {', '.join(failed)}")
