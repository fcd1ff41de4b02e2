"""A streams group (KIP-1071), which MM2 leaves out without a word, is found, and moved by its offsets."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from tests.lab.support import java, kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import half_read
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

READ = 7


def hexed(text: str) -> str:
    return text.encode().hex()


def stopped_streams_group(config: kafka.Config, group: str, topic: str, offset: int) -> None:
    """A group of Kafka Streams' protocol that has committed an offset and has stopped."""
    properties = {
        "bootstrap.servers": config["bootstrap.servers"],
        "security.protocol": "SSL",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": config["ssl.ca.pem"],
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": config["ssl.certificate.pem"],
        "ssl.keystore.key": config["ssl.key.pem"],
    }
    lines = [f"property {hexed(name)} {hexed(value)}" for name, value in properties.items()]
    asked = f"streams {hexed(group)} {hexed(topic)} {hexed(str(offset))}"
    assert java.script("OtherGroups", [*lines, asked]) == [f"done {hexed(group)}"]


def translations(stack: Stack) -> dict[str, Any]:
    """What groups-translated found."""
    ran = stack.verify("--check", "groups-translated", "--json")
    found: dict[str, Any] = json.loads(ran.stdout)["checks"][0]
    return found


def test_a_streams_group_is_found_and_moved(proven: Stack, regions: Regions, tmp_path: Path) -> None:
    east, west = regions.kafka("east"), regions.kafka("west")
    with half_read(regions, 10) as (topic, _):
        group = f"{topic.topic}-streams"
        stopped_streams_group(east, group, topic.topic, READ)
        try:
            found = translations(proven)
            assert group in found["facts"]["untranslated"]
            [finding] = [one for one in found["findings"] if group in one["subject"]]
            assert "MM2 does not translate it" in finding["message"]

            exported = proven.offsets("export")
            [row] = [one for one in csv.DictReader(io.StringIO(exported.stdout)) if one["group"] == group]
            assert row["how"] == "by-content"
            file = tmp_path / "offsets.csv"
            with file.open("w", newline="") as out:
                writer = csv.DictWriter(out, row)
                writer.writeheader()
                writer.writerow(row)
            assert proven.offsets("apply", str(file), "--yes").code == 0
            right = int(row["target_offset"])
            assert kafka.committed(west, group, topic.topic) == right
            assert kafka.read(west, topic.topic, start=right)[0].value == f"v{READ}".encode()
            until("a proven mirror", lambda: translations(proven)["passed"], seconds=120)
        finally:
            for config in (east, west):
                kafka.delete_group(config, group)
