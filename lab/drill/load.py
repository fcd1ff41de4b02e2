"""Runs the load of a drill as the words on stdin direct it."""

from __future__ import annotations

from collections.abc import Iterable

from lab.drill.consuming import Reader, backlog, read_all, until
from lab.drill.plain import measure
from lab.drill.producing import Writer
from lab.drill.production import Production, Side, Stream
from lab.drill.tell import Tell, number_of, was_recovered

READY_SECONDS = 60.0
_ROOM = 1_000
"""Numbers that an abandoned producer may still use."""
_QUARANTINE = ".recovered"
"""`recover` writes what never crossed to such a topic, where people decide so."""


class Load:
    """Production's producers and groups. `ready` is told once every one of them works.

    The words of a cutover: leave, consume, produce, end. Of a failover: abandon, consume, produce, plain, and
    of the way home: leave, consume source, produce source, end.
    """

    def __init__(self, production: Production, tell: Tell) -> None:
        self._production, self._tell = production, tell
        self._writers: dict[str, Writer] = {}
        self._readers: list[Reader] = []
        self._abandoned: list[Writer] = []
        self._home = False

    def run(self, words: Iterable[str]) -> None:
        """Start, then do what each word says; after `end`, or the last word, everything is ended."""
        self._start()
        for word in words:
            match word.strip():
                case "leave":
                    self._leave("left")
                case "abandon":
                    self._abandon()
                case "consume":
                    self._consume("target")
                case "consume source":
                    self._consume("source", come_home=True)
                case "produce":
                    self._produce("target")
                case "produce source":
                    self._produce("source")
                    self._home = True
                case "plain":
                    self._plain()
                case "end":
                    break
                case other:
                    raise ValueError(f"{other!r} is none of leave, abandon, consume, produce, plain, end")
        self._end()

    def _start(self) -> None:
        streams, groups = self._production.streams, self._production.groups
        for stream in streams:
            self._tell.line(event="stream", stream=stream.name, compacted=stream.compacted)
        for group in groups:
            self._tell.line(event="group", group=group.name, streams=[group.stream])
            for message in backlog(group):
                self._tell.record("backlog", "source", group.stream, number_of(message), group=group.name)
        self._produce("source")
        self._consume("source")
        running = [one.name for one in groups if one.running]

        def ready() -> bool:
            return all(self._tell.seen("accepted", "source", one.name) for one in streams) and all(
                self._tell.seen("read", "source", name) for name in running
            )

        if not until(ready, READY_SECONDS):
            raise TimeoutError(f"not every producer and group works within {READY_SECONDS:.0f} s")
        self._tell.mark("ready")

    def _produce(self, side: Side) -> None:
        """Start the producers on one side; those on the other end, and their numbers go on."""
        for stream in self._production.streams:
            before = self._writers.get(stream.name)
            first = stream.first
            if before is not None:
                # An abandoned producer ends by itself, after the records that it was about to write.
                abandoned = before in self._abandoned
                if not abandoned:
                    before.end()
                first = before.next + (_ROOM if abandoned else 0)
            self._writers[stream.name] = Writer(stream, side, first, self._tell)
            self._writers[stream.name].start()
        self._tell.mark(f"producing at the {side}")

    def _consume(self, side: Side, *, come_home: bool = False) -> None:
        """Start the groups: at the source those that run there, on the target and back home all of them."""
        self._readers = [
            Reader(group, side, self._tell)
            for group in self._production.groups
            if group.running or side == "target" or come_home
        ]
        for reader in self._readers:
            reader.start()
        self._tell.mark(f"consuming at the {side}")

    def _abandon(self) -> None:
        """Give the source's clients up: it does not answer. Further records have numbers of their own."""
        for writer in self._writers.values():
            writer.abandon()
            self._abandoned.append(writer)
        for reader in self._readers:
            reader.abandon()
        self._readers = []
        self._tell.mark("abandoned")

    def _plain(self) -> None:
        """Measure what clients need that no failover has held up."""
        stream = next((one for one in self._production.streams if not one.transactional), None)
        if stream is not None and self._production.groups:
            measure(self._tell, self._production.groups[0], stream)
        self._tell.mark("measured")

    def _leave(self, name: str) -> None:
        for reader in self._readers:
            reader.leave()
        for reader in self._readers:
            reader.join()
        self._readers = []
        self._tell.mark(name)

    def _end(self) -> None:
        for writer in [*self._writers.values(), *self._abandoned]:
            writer.end()
        self._leave("ended")
        for stream in self._production.streams:
            self._count(stream, "target", stream.topics["target"])
            self._count(stream, "target", stream.topics["target"] + _QUARANTINE)
            if self._home:
                self._count(stream, "source", stream.topics["source"])
        self._tell.mark("complete")

    def _count(self, stream: Stream, side: Side, topic: str) -> None:
        """Tell each record of the drill that is in the log, once for each time that it is there."""
        for message in read_all(stream.logs[side], topic):
            number = number_of(message)
            if (stream.name, number) in self._tell.written:
                self._tell.record(
                    "recovered" if was_recovered(message) else "stored", side, stream.name, number
                )
