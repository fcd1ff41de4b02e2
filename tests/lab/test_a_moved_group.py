"""A group that was stopped on the source and reads on the target has moved: nothing sets it back unasked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from confluent_kafka import Consumer

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import half_read
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

READ = 10


def read_on(config: kafka.Config, group: str, topic: str, to: int) -> None:
    """Consume as an application does, up to an offset, commit and leave."""
    consumer = Consumer({**config, "group.id": group, "enable.auto.commit": False})
    consumer.subscribe([topic])
    reached = [-1]

    def there() -> bool:
        message = consumer.poll(1.0)
        if message is not None and message.error() is None:
            reached[0] = message.offset() or 0
        return reached[0] >= to

    try:
        until(f"{group} to read {topic} up to {to}", there, seconds=120, every=0)
        consumer.commit(asynchronous=False)
    finally:
        consumer.close()


def test_a_moved_group_is_reported_and_is_not_set_back(
    proven: Stack, regions: Regions, tmp_path: Path
) -> None:
    west = regions.kafka("west")
    with half_read(regions, READ) as (topic, group):
        last = kafka.read(west, topic.topic)[-1].offset
        read_on(west, group, topic.topic, last)
        moved_to = kafka.committed(west, group, topic.topic)
        assert moved_to > READ

        def judged() -> str:
            ran = proven.verify("--check", "groups-translated", "--json")
            [check] = [one for one in json.loads(ran.stdout)["checks"] if one["name"] == "groups-translated"]
            state: str = check["facts"]["groups"].get(group, {}).get(f"{topic.topic}-0", {}).get("state", "")
            return state if check["passed"] else f"{state}, failed"

        until("the group to be judged as moved", lambda: judged() == "moved", seconds=120, every=2)

        exported = proven.offsets("export", "--exact")
        [row] = [one for one in csv.DictReader(io.StringIO(exported.stdout)) if one["group"] == group]
        assert (row["how"], row["target_offset"]) == ("moved", "")

        file = tmp_path / "offsets.csv"
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, row)
            writer.writeheader()
            writer.writerow({**row, "target_offset": READ})
        refused = proven.offsets("apply", str(file), "--yes")
        assert refused.code == 1
        assert "--allow-rewind" in refused.stdout
        assert kafka.committed(west, group, topic.topic) == moved_to
