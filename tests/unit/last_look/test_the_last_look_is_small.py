"""The last look fits in a ConfigMap, whatever the mirror's size, and is read back as it was."""

from __future__ import annotations

import random

import pytest

from mirror.clients.records import TopicPartition
from mirror.last_look.record import (
    LIMIT_BYTES,
    GroupLook,
    LastLook,
    OffsetLook,
    PartitionLook,
    TooLarge,
    decode,
)
from tests.unit.support.made_up import NOW


def look(topics: int, partitions: int, groups: int = 0) -> LastLook:
    """Every group has an offset on a fifth of the partitions. Offsets are random, which compresses worst."""
    made = random.Random(7)
    logs = {
        TopicPartition(f"team-{topic % 40}.events-{topic}", number): PartitionLook(
            end := made.randrange(10**9), end - 1 - made.randrange(500), made.randrange(500), None
        )
        for topic in range(topics)
        for number in range(partitions)
    }
    every = list(logs)
    return LastLook(
        "east-to-west",
        "east",
        "west",
        NOW,
        "exporter",
        logs,
        {
            f"group-{number}": GroupLook(
                "exact",
                0,
                {
                    one: OffsetLook(at := made.randrange(10**9), at - made.randrange(10**6))
                    for one in made.sample(every, len(every) // 5)
                },
            )
            for number in range(groups)
        },
        {"team-0.events-0": 12.5},
    )


def test_it_is_read_back_as_it_was() -> None:
    one, other = TopicPartition("orders", 0), TopicPartition("orders", 11)
    made = LastLook(
        "east-to-west",
        "east",
        "west",
        NOW,
        "verify",
        {one: PartitionLook(10, 7, 2, int(NOW * 1000) - 900), other: PartitionLook(5, None, 5, None, 3)},
        {"billing": GroupLook("behind", 4, {one: OffsetLook(9, 8), other: OffsetLook(2, None)})},
        {"orders": 3.25},
        2,
        ("the groups could not be read",),
    )
    assert decode(made.encode()) == made


def test_thousands_of_partitions_and_groups_fit() -> None:
    made = look(topics=500, partitions=10, groups=50)
    encoded = made.encode()
    assert len(encoded) < LIMIT_BYTES
    assert decode(encoded) == made


def test_groups_give_way_to_partitions_and_say_so() -> None:
    made = look(topics=300, partitions=10, groups=20)
    limit = len(made.encode()) // 2
    short = decode(made.encode(limit))
    assert len(made.encode(limit)) <= limit
    assert short.partitions == made.partitions
    assert short.groups.keys() == made.groups.keys()
    dropped = [one for one in short.groups.values() if one.dropped]
    assert dropped
    assert all(not one.offsets for one in dropped)


def test_what_cannot_fit_is_refused_with_its_size() -> None:
    with pytest.raises(TooLarge, match="3,000 partitions take"):
        look(topics=300, partitions=10).encode(1_000)


def test_the_largest_mirror_of_the_docs_fits_without_its_groups() -> None:
    assert len(look(topics=3_000, partitions=12).encode()) < LIMIT_BYTES


@pytest.mark.parametrize("damaged", [b"", b"x", LastLook("m", "e", "w", NOW, "verify").encode()[:-3]])
def test_a_damaged_one_is_an_error(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        decode(damaged)


def test_a_newer_version_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror.last_look.record.VERSION", 2)
    encoded = LastLook("m", "e", "w", NOW, "verify").encode()
    monkeypatch.undo()
    with pytest.raises(ValueError, match="its version is 2; this program reads version 1"):
        decode(encoded)


def test_it_covers_everything_until_its_oldest_record_that_is_behind() -> None:
    one, other = TopicPartition("orders", 0), TopicPartition("orders", 1)
    made = LastLook(
        "m",
        "e",
        "w",
        NOW,
        "verify",
        {
            one: PartitionLook(10, 7, 2, int(NOW * 1000) - 4_000),
            other: PartitionLook(5, 4, 0, int(NOW * 1000) + 9_000),
        },
    )
    assert (made.behind, made.covered_until) == (2, NOW - 4)
