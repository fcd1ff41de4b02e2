"""The baseline: small, the same bytes for the same content, extended and never overwritten."""

from __future__ import annotations

import base64
import json
import random
import zlib
from dataclasses import replace

import pytest

from mirror.verify.baseline import LIMIT, Baseline, TooLarge, TopicThen, decode

FIRST = Baseline("2026-11-01T00:00:00+00:00", "c", {"orders": TopicThen("id-1", 2, (5, 7))}, ("billing",))


def seen(**topics: TopicThen) -> Baseline:
    return Baseline("2026-12-01T00:00:00+00:00", "c", topics, ("audit",))


def test_it_comes_back_as_it_was() -> None:
    assert decode(FIRST.encode()) == FIRST
    assert FIRST.encode() == decode(FIRST.encode()).encode()


def test_what_it_knows_stays_and_what_is_new_is_added() -> None:
    grown = FIRST.extended(seen(orders=TopicThen("id-2", 2, (50, 70)), new=TopicThen("id-3", 1, (3,))))
    assert grown.topics["orders"] == TopicThen("id-1", 2, (5, 7))
    assert grown.topics["new"] == TopicThen("id-3", 1, (3,))
    assert grown.groups == ("audit", "billing")
    assert (grown.taken, grown.cluster) == (FIRST.taken, FIRST.cluster)


def test_what_has_gone_stays() -> None:
    assert FIRST.extended(seen()).topics == FIRST.topics


def test_partitions_that_were_added_begin_where_they_do_now() -> None:
    now = TopicThen("id-1", 3, (6, 8, 9))
    assert FIRST.extended(seen(orders=now)).topics["orders"] == TopicThen("id-1", 3, (5, 7, 9))


def test_a_topic_made_anew_with_more_partitions_tells_nothing_of_the_old_one() -> None:
    now = TopicThen("id-2", 3, (0, 0, 0))
    assert FIRST.extended(seen(orders=now)).topics["orders"] == FIRST.topics["orders"]


def test_it_lacks_what_has_entered_and_nothing_else() -> None:
    assert not FIRST.lacks({"orders": 2})
    assert not FIRST.lacks({"orders": 1})
    assert not FIRST.lacks({})
    assert FIRST.lacks({"orders": 3})
    assert FIRST.lacks({"orders": 2, "new": 1})


def test_begins_that_are_not_known() -> None:
    one = TopicThen("id", 3, (0, -1))
    assert (one.begin(0), one.begin(1), one.begin(2)) == (0, None, None)


@pytest.mark.parametrize(
    "content", [b"", b"junk", zlib.compress(b"[]"), zlib.compress(json.dumps({"version": 9}).encode())]
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"it is damaged|its version is 9"):
        decode(content)


def large(topics: int, partitions: int) -> Baseline:
    """Topics with random ids, and begin offsets as retention leaves them."""
    chance = random.Random(1)
    words = ("orders", "payments", "shipments", "customer", "inventory", "ledger", "audit", "clicks")
    return replace(
        FIRST,
        topics={
            f"team-{number % 97}.{chance.choice(words)}.{chance.choice(words)}.{number}": TopicThen(
                base64.b64encode(chance.randbytes(16)).decode().rstrip("="),
                partitions,
                tuple(chance.randrange(10**9) for _ in range(partitions)),
            )
            for number in range(topics)
        },
    )


def test_ten_thousand_topics_fit_into_a_config_map() -> None:
    assert len(large(10_000, 3).encode()) < 480_000
    whole = large(10_000, 12)
    encoded = whole.encode()
    assert 900_000 < len(encoded) < LIMIT
    assert decode(encoded) == whole


def test_where_begin_offsets_do_not_fit_the_ids_are_kept() -> None:
    whole = large(1_000, 12)
    kept = decode(whole.encode(limit=50_000))
    assert {name: one.id for name, one in kept.topics.items()} == {
        name: one.id for name, one in whole.topics.items()
    }
    assert all(one.begins == () and one.partitions == 12 for one in kept.topics.values())
    with pytest.raises(TooLarge, match="1,000 topics"):
        whole.encode(limit=1_000)


def test_begin_offsets_that_are_not_known_take_no_known_ones_along() -> None:
    then = seen(orders=TopicThen("id", 2, (5, 7)))
    same = then.extended(seen(orders=TopicThen("id", 2)))
    assert same.topics["orders"].begins == (5, 7)
    grown = then.extended(seen(orders=TopicThen("id", 3)))
    assert grown.topics["orders"] == TopicThen("id", 3), "where the third one began is not known"
    unknown = seen(orders=TopicThen("id", 2)).extended(seen(orders=TopicThen("id", 3, (5, 7, 9))))
    assert unknown.topics["orders"] == TopicThen("id", 3)


def test_a_baseline_of_just_the_size_is_kept_whole() -> None:
    made = large(50, 3)
    limit = len(made.encode())
    assert decode(made.encode(limit)) == made
    shorter = decode(made.encode(limit - 1))
    assert all(not one.begins for one in shorter.topics.values())
    least = len(shorter.encode())
    assert decode(made.encode(least)) == shorter
    with pytest.raises(TooLarge):
        made.encode(least - 1)


def test_why_a_baseline_is_refused_is_said() -> None:
    newer = zlib.compress(b'{"version":2}')
    with pytest.raises(ValueError, match=r"^its version is 2; this program knows 1$"):
        decode(newer)
    with pytest.raises(ValueError, match=r"^it is damaged \(KeyError\)$"):
        decode(zlib.compress(b"{}"))


def test_people_are_told_what_it_is_about() -> None:
    made = Baseline("2026-11-01", "id-of-east", {"a": TopicThen("x", 3), "b": TopicThen("y", 2)}, ("g",))
    assert made.about() == "2 topics with 5 partitions and 1 groups of cluster id-of-east, begun 2026-11-01"
