"""The helper process that asks a cluster about groups (`mirror.clients.group_helper` says why it exists).

Run as `python -m mirror.clients.group_server`. The first line of stdin is the configuration of the client,
each later line a request:

- `{"offsets": ["billing"]}`, answered by `{"billing": [["orders", 0, 7, 3, ""]]}` (topic, partition, offset,
  leader epoch or null, metadata), with a text instead of the list where a group could not be read;
- `{"pending": ["billing"]}`, answered by `{"billing": [["orders", 0]]}`: where a transaction that commits an
  offset of the group is open, or ends right now;
- `{"list": null}` or `{"list": "billing"}`, answered by `{"groups": [...], "failed": null}`.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.answers import REQUEST_SECONDS as LIST_SECONDS
from mirror.clients.msk_iam import restored
from mirror.problems import one_line

REQUEST_SECONDS = 15.0


def serve() -> None:
    """Answer requests until stdin ends.

    The process also exits after a question without any answer: after its broker froze and then stopped, a
    client was observed to get no answer for minutes while a new client got one at once. The next question
    starts a new helper.
    """
    admin = AdminClient({**restored(json.loads(sys.stdin.readline())), "log_level": 0})
    answered = True
    while answered and (line := sys.stdin.readline()):
        request = json.loads(line)
        if "offsets" in request:
            answers, answered = _offsets(admin, request["offsets"])
        elif "pending" in request:
            answers, answered = _pending(admin, request["pending"])
        else:
            answers, answered = _listed(admin, request["list"])
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


def _offsets(admin: AdminClient, groups: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """The answers, and whether a broker has given any."""
    answers, found, answered = _asked(admin, groups, stable=False)
    for group, partitions in found.items():
        if refused := [one for one in partitions if one.error is not None]:
            # Left out, such a partition would look as if the group had never committed an offset there.
            answers[group] = "; ".join(
                f"{one.topic}-{one.partition}: {one_line(one.error.str())}" for one in refused
            )
            continue
        # -1001 (no offset) stands for partitions that the group never committed.
        answers[group] = [
            (one.topic, one.partition, one.offset, one.leader_epoch, one.metadata or "")
            for one in partitions
            if one.offset >= 0
        ]
    return answers, answered


def _pending(admin: AdminClient, groups: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """The partitions with a pending offset, and whether a broker has answered. A broker refuses only these,
    and lists none where the group has never committed before (OffsetFetch of Kafka 4.3.1, KIP-447).
    """
    answers, found, answered = _asked(admin, groups, stable=True)
    for group, partitions in found.items():
        answers[group] = [
            (one.topic, one.partition)
            for one in partitions
            if one.error is not None and one.error.code() == KafkaError.UNSTABLE_OFFSET_COMMIT
        ]
    return answers, answered


def _asked(
    admin: AdminClient, groups: Sequence[str], *, stable: bool
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Why groups could not be read, the offsets of the others, and whether a broker has given any answer. The
    client takes one group a call: all calls go out before the first answer is awaited, and all have the same
    time.
    """
    answered = False
    deadline = time.monotonic() + REQUEST_SECONDS + 5
    futures: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    read: dict[str, Any] = {}
    for group in groups:
        try:
            futures |= admin.list_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(group)], require_stable=stable, request_timeout=REQUEST_SECONDS
            )
        except ValueError as error:  # a group without a name, which old clients could make
            answers[group] = f"the client cannot ask for it: {one_line(error)}"
    for group, future in futures.items():
        try:
            read[group] = future.result(timeout=max(0.0, deadline - time.monotonic())).topic_partitions
            answered = True
        except KafkaException as error:
            answers[group] = one_line(error.args[0].str())
            answered = answered or error.args[0].code() > 0  # librdkafka's own are below
        except FutureTimeout:
            answers[group] = "no answer in time"
    return answers, read, answered


def _listed(admin: AdminClient, group: str | None) -> tuple[dict[str, Any], bool]:
    """The groups, and whether a broker has given an answer. `list_groups` is deprecated; no other call of
    confluent-kafka 2.16 shows groups that are no consumer groups.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found: list[Any] = (
                admin.list_groups(timeout=LIST_SECONDS)
                if group is None
                else admin.list_groups(group=group, timeout=LIST_SECONDS)
            )
    except KafkaException as error:
        failed = {"code": error.args[0].code(), "reason": one_line(error.args[0].str())}
        return {"groups": [], "failed": failed}, error.args[0].code() > 0
    groups = [
        {
            "id": one.id,
            "state": one.state,
            "protocol_type": one.protocol_type,
            "members": len(one.members or ()),
            "error": None
            if one.error is None
            else {"code": one.error.code(), "reason": one_line(one.error.str())},
        }
        for one in found
    ]
    return {"groups": groups, "failed": None}, True


if __name__ == "__main__":
    serve()
