"""`offsets export` finds the offset by content, and `offsets apply` sets it, or refuses and changes
nothing."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import ScratchTopic, scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

RECORDS, READ = 20, 7


@pytest.fixture
def topic(proven: Stack, regions: Regions) -> Iterator[ScratchTopic]:
    """A topic whose readers have read a few records of its first transaction."""
    with scratch_topic(regions, RECORDS) as made:
        kafka.commit(regions.kafka("east"), group_of(made), made.topic, READ)
        yield made
        for region in ("east", "west"):
            kafka.delete_group(regions.kafka(region), group_of(made))


def group_of(topic: ScratchTopic) -> str:
    return f"{topic.topic}-readers"


def exported(stack: Stack, group: str) -> dict[str, str]:
    """The group's row: content needs no MM2, which may not have seen the group yet."""
    ran = stack.offsets("export", "--exact")
    assert ran.code in (0, 1), ran.output
    [row] = [row for row in csv.DictReader(io.StringIO(ran.stdout)) if row["group"] == group]
    return row


def written(file: Path, row: dict[str, str], offset: int) -> str:
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, row)
        writer.writeheader()
        writer.writerow({**row, "target_offset": offset})
    return str(file)


def test_a_group_goes_where_content_says_and_nowhere_else(
    proven: Stack, topic: ScratchTopic, regions: Regions, tmp_path: Path
) -> None:
    west, group, file = regions.kafka("west"), group_of(topic), tmp_path / "offsets.csv"
    row = exported(proven, group)
    assert row["source_offset"] == str(READ)
    assert row["reads_again"] == "0"
    right = int(row["target_offset"])
    [first, *_] = kafka.read(west, topic.topic, start=right)
    assert first.value == f"v{READ}".encode()

    def now() -> int:
        return kafka.committed(west, group, topic.topic)

    skipping = proven.offsets("apply", written(file, row, right + 1), "--yes")
    assert skipping.code == 1
    assert "would skip records" in " ".join(skipping.stdout.split())
    assert f"its offset on the target must be {right} or less" in " ".join(skipping.stdout.split())
    assert now() <= right

    beyond = proven.offsets("apply", written(file, row, 10_000), "--yes", "--allow-skip")
    assert beyond.code == 1
    assert "outside the target's log" in " ".join(beyond.stdout.split())

    before = now()
    unasked = proven.offsets("apply", written(file, row, right))  # nobody is there to say yes
    assert now() == before or before < 0
    assert unasked.code in ((0,) if before == right else (1, 2))

    def applied() -> bool:
        return proven.offsets("apply", written(file, row, right), "--yes").code == 0

    # Refused while MM2 is about to write its own, cautious offset; then it goes through, and stays.
    until("an apply that MM2 does not get into the way of", applied, seconds=120, every=3)
    assert now() == right
    with kafka.member(west, group, topic.topic):
        active = proven.offsets("apply", written(file, row, right - 1), "--yes")
        assert active.code == 1
        assert "active on the target (1 member)" in " ".join(active.stdout.split())
    assert now() == right
    [settings] = proven.settings()
    # MM2 writes offsets that often: this one stays.
    deadline = time.monotonic() + 2 * settings.mirror.sync_group_offsets_interval_seconds + 5
    while time.monotonic() < deadline:
        assert now() == right
        time.sleep(1)
