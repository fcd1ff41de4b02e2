"""Runs the load of a drill as the words on stdin direct it."""

from __future__ import annotations

from collections.abc import Iterable

from lab.drill.consuming import Reader, backlog, read_all, until
from lab.drill.producing import Writer
from lab.drill.production import Production, Side
from lab.drill.tell import Tell, number_of

READY_SECONDS = 60.0


class Load:
    """Production's producers and groups. `ready` is told once every one of them works."""

    def __init__(self, production: Production, tell: Tell) -> None:
        self._production, self._tell = production, tell
        self._writers: dict[str, Writer] = {}
        self._readers: list[Reader] = []

    def run(self, words: Iterable[str]) -> None:
        """Start, then do what each word says; after `end`, or the last word, everything is ended."""
        self._start()
        for word in words:
            match word.strip():
                case "leave":
                    self._leave("left")
                case "consume":
                    self._consume("target")
                case "produce":
                    self._produce("target")
                case "end":
                    break
                case other:
                    raise ValueError(f"{other!r} is none of leave, consume, produce, end")
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
            if before is not None:
                before.end()
            first = stream.first if before is None else before.next
            self._writers[stream.name] = Writer(stream, side, first, self._tell)
            self._writers[stream.name].start()
        self._tell.mark(f"producing at the {side}")

    def _consume(self, side: Side) -> None:
        """Start the groups: at the source those that run there, on the target all of them."""
        self._readers = [
            Reader(group, side, self._tell)
            for group in self._production.groups
            if group.running or side == "target"
        ]
        for reader in self._readers:
            reader.start()
        self._tell.mark(f"consuming at the {side}")

    def _leave(self, name: str) -> None:
        for reader in self._readers:
            reader.leave()
        for reader in self._readers:
            reader.join()
        self._readers = []
        self._tell.mark(name)

    def _end(self) -> None:
        for writer in self._writers.values():
            writer.end()
        self._leave("ended")
        for stream in self._production.streams:
            for message in read_all(stream.reader, stream.topics["target"]):
                number = number_of(message)
                if (stream.name, number) in self._tell.written:
                    self._tell.record("stored", "target", stream.name, number)
        self._tell.mark("complete")
