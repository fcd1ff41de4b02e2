"""A restarted MM2 takes a checkpoint of an aborted transaction for written: the translation is not stale.

MM2's consumer of the checkpoints topic has Kafka's default isolation level, which reads aborted records, too.
"""

from __future__ import annotations

import json
import struct
from typing import Any

from confluent_kafka import Producer

from settings.names import Names
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

FIRST, SECOND = 10, 30


def aborted(config: dict[str, Any], topic: str, key: bytes, value: bytes) -> None:
    """Write a record in a transaction that is aborted, as a worker that dies before it commits."""
    producer = Producer({**config, "transactional.id": f"{topic}-aborted"})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, value, key, partition=0)
    assert producer.flush(30) == 0
    producer.abort_transaction(30)


def text(value: str) -> bytes:
    return struct.pack(">h", len(value)) + value.encode()


def set_state(regions: Regions, names: Names, state: str) -> None:
    """Stop or start the checkpoint connector, and wait for Connect."""
    mirrors = regions.mirror_resource(names.mirror)["spec"]["mirrors"]
    mirrors[0]["checkpointConnector"]["state"] = state
    regions.patch_mirror(names.mirror, {"mirrors": mirrors})

    def reached() -> bool:
        status = regions.mirror_resource(names.mirror).get("status") or {}
        states = {one["name"]: one["connector"]["state"] for one in status.get("connectors") or []}
        return states.get(names.checkpoint_connector) == state.upper()

    until(f"a checkpoint connector that is {state}", reached, seconds=180)


def test_the_right_offset_on_the_target_is_not_called_stale(proven: Stack, regions: Regions) -> None:
    [settings] = proven.settings()
    names, east, west = Names.of(settings), regions.kafka("east"), regions.kafka("west")
    with scratch_topic(regions, records=FIRST) as topic:
        group = f"{topic.topic}-readers"

        def seen() -> tuple[dict[str, Any], list[str]]:
            ran = proven.verify("--check", "groups-translated", "--json")
            [check] = json.loads(ran.stdout)["checks"]
            return (
                check["facts"]["groups"][group][f"{topic.topic}-0"],
                [one["message"] for one in check["findings"] if group in one["subject"]],
            )

        kafka.commit(east, group, topic.topic, FIRST)
        try:
            until(
                "the group's translation",
                lambda: kafka.committed(west, group, topic.topic) >= FIRST - 1,
                seconds=180,
            )
            set_state(regions, names, "stopped")
            topic.produce(*(f"more {number}" for number in range(SECOND - FIRST)))
            topic.mirrored(SECOND)
            kafka.commit(east, group, topic.topic, SECOND)
            until("a translation that is stale", lambda: seen()[1], seconds=180)
            before, [message] = seen()
            assert message.startswith(f"its translation is stale: MM2's last checkpoint ({FIRST} ->")
            to = before["next_target_offset"]
            key = text(group) + text(topic.topic) + struct.pack(">i", 0)
            aborted(west, names.checkpoints_topic, key, struct.pack(">hqq", 0, SECOND, to) + text(""))
            set_state(regions, names, "running")
            until(
                "the offset of the aborted checkpoint on the target",
                lambda: kafka.committed(west, group, topic.topic) == to,
                seconds=180,
            )
            until("a proven mirror", lambda: not proven.failed_checks(), seconds=240)
            after, messages = seen()
            assert messages == []
            assert after["checkpoint_source_offset"] == FIRST, "MM2 has written no other checkpoint"
            assert after["checkpoint_age_seconds"] > 35
        finally:
            set_state(regions, names, "running")
            kafka.delete_group(east, group)
            kafka.delete_group(west, group)
