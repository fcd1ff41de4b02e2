"""Reads committed offsets of many groups together, in a helper process that may crash.

librdkafka (2.16.0, the newest) crashes its process with a null pointer if the answer to
`AdminClient.list_consumer_group_offsets` is that a coordinator moved or is still loading
(confluentinc/librdkafka#5040, #5315): `rd_kafka_handle_OffsetFetch` uses the consumer group of a client
that has none. This happens when a broker restarts. The alternative, one consumer for each group, needs one
login for each group: minutes for thousands of groups. Therefore a helper process sends the requests. If it
crashes it is started again, because the cause is temporary.

Requests and answers are lines of JSON on its stdin and stdout. Credentials are also sent on stdin, never in
arguments or the environment. The helper exits when its stdin is closed, so it exits with its parent.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.records import TopicPartition, Unread
from mirror.problems import CouldNotRead, one_line

REQUEST_SECONDS = 15.0
ANSWER_SECONDS = 40.0
# Groups in one question: each needs two requests, which must be answered within REQUEST_SECONDS.
AT_ONCE = 500
# A coordinator that moved or is loading answers again within seconds.
ATTEMPTS = 8
PAUSE_SECONDS = 1.5
COMMAND = (sys.executable, "-m", "mirror.clients.group_offsets")
_PROJECT = Path(__file__).resolve().parent.parent.parent

Offsets = dict[TopicPartition, int]


class Commit(NamedTuple):
    """A committed offset. Consumers commit the leader epoch of the record with it (KIP-320), MM2 and tools of
    administrators commit none."""

    offset: int
    leader_epoch: int | None


Commits = dict[TopicPartition, Commit]


class GroupOffsets:
    """Reads group offsets of one cluster through the helper process, which is started on first use."""

    def __init__(self, access: ClusterAccess, command: Sequence[str] = COMMAND) -> None:
        self._access = access
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> GroupOffsets:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, groups: Iterable[str]) -> dict[str, Offsets | Unread]:
        """Committed offsets by group; empty for a group without offsets, and for one that does not exist.

        Raises CouldNotRead where the helper crashes repeatedly.
        """
        return {
            group: answer if isinstance(answer, Unread) else {one: it.offset for one, it in answer.items()}
            for group, answer in self.commits(groups).items()
        }

    def commits(self, groups: Iterable[str]) -> dict[str, Commits | Unread]:
        """The same with the leader epochs."""
        wanted = list(groups)
        found: dict[str, Commits | Unread] = {}
        for first in range(0, len(wanted), AT_ONCE):
            found |= self._read(wanted[first : first + AT_ONCE])
        return found

    def _read(self, wanted: Sequence[str]) -> dict[str, Commits | Unread]:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_SECONDS)
            with self._turn:
                answer = self._ask(wanted)
            if answer is not None:
                return {group: _parsed(answer[group]) for group in wanted}
        raise CouldNotRead(
            f"reading the groups' committed offsets on {self._access.describe()}",
            f"their coordinator moved or was loading during {ATTEMPTS} attempts",
            "check the health of the brokers that lead __consumer_offsets, then try again",
        )

    def close(self) -> None:
        """Stop the helper process."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ask(self, groups: Sequence[str]) -> dict[str, Any] | None:
        """The helper's answer; None where it crashed."""
        if self._process is not None and self._process.poll() is not None:
            self.close()  # it exited because its last request got no answer
        process = self._process or self._start()
        line = b""
        try:
            _send(process, groups)
            if process.stdout is not None:
                line = process.stdout.readline() if _ready(process.stdout, ANSWER_SECONDS) else b""
        except OSError:  # the helper has exited
            line = b""
        if not line.endswith(b"\n"):
            self._kill()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))
        process = subprocess.Popen(  # noqa: S603 - a fixed command of this package
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            # Ctrl-C must reach only the parent, which then stops the helper.
            start_new_session=True,
        )
        self._process = process
        with contextlib.suppress(OSError):  # _ask detects that it has exited
            _send(process, self._access.client_config())
        return process

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        self.close()


def _ready(stream: IO[bytes], seconds: float) -> bool:
    """Whether the stream can be read within some seconds. `select.select` raises ValueError for a descriptor
    of 1,024 or more (`FD_SETSIZE`), which a process with many connections has.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(seconds))


def _send(process: subprocess.Popen[bytes], message: object) -> None:
    if process.stdin is not None:
        process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()


def _parsed(answer: Any) -> Commits | Unread:
    if isinstance(answer, str):
        return Unread(answer)
    return {
        TopicPartition(topic, partition): Commit(offset, epoch) for topic, partition, offset, epoch in answer
    }


def serve() -> None:
    """Run the helper process: client configuration on the first line of stdin, then one list of groups a
    line.

    It exits after a question without any answer: after its broker froze and then stopped, a client was
    observed to get no answer for minutes while a new client got one at once. The next question starts a new
    helper.
    """
    admin = AdminClient({**json.loads(sys.stdin.readline()), "log_level": 0})
    answered = True
    while answered and (line := sys.stdin.readline()):
        answers, answered = _ask_broker(admin, json.loads(line))
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


def _ask_broker(admin: AdminClient, groups: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """The answers, and whether a broker has given any. The client takes one group a call: all calls go out
    before the first answer is awaited, and all have the same time.
    """
    answered = False
    deadline = time.monotonic() + REQUEST_SECONDS + 5
    futures: dict[str, Any] = {}
    for group in groups:
        futures |= admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group)], request_timeout=REQUEST_SECONDS
        )
    answers: dict[str, Any] = {}
    for group, future in futures.items():
        try:
            found = future.result(timeout=max(0.0, deadline - time.monotonic())).topic_partitions
        except KafkaException as error:
            answers[group] = one_line(error.args[0].str())
            answered = answered or error.args[0].code() > 0  # librdkafka's own are below
        except FutureTimeout:
            answers[group] = "no answer in time"
        else:
            answered = True
            if refused := [one for one in found if one.error is not None]:
                # Left out, such a partition would look as if the group had never committed an offset there.
                answers[group] = "; ".join(
                    f"{one.topic}-{one.partition}: {one_line(one.error.str())}" for one in refused
                )
                continue
            # -1001 (no offset) stands for partitions that the group never committed.
            answers[group] = [
                (one.topic, one.partition, one.offset, one.leader_epoch) for one in found if one.offset >= 0
            ]
    return answers, answered


if __name__ == "__main__":
    serve()
