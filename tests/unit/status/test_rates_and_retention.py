"""Rates between looks, how long a record can have waited, and whether retention wins."""

from __future__ import annotations

import pytest

from mirror.clients.records import TopicPartition
from mirror.status.picture import LOSING, draw
from mirror.status.rates import MOST_SAMPLES, Rate, Rates
from mirror.status.snapshot import Waiting
from mirror.status.trouble import Trouble
from tests.unit.status.made_up import DAY, NOW, moved, partition, snapshot

ORDERS = TopicPartition("orders", 0)


def test_one_look_has_no_rate() -> None:
    seen = snapshot(partition())
    assert Rates().look(NOW, seen.partitions) == {}


def test_rates_are_offsets_a_second() -> None:
    rates, seen = Rates(), snapshot(partition(position=0, end=100))
    rates.look(seen.at, seen.partitions)
    later = moved(seen, 10, produced=100, mirrored=50)
    assert rates.look(later.at, later.partitions)[ORDERS] == Rate(10.0, 5.0)
    assert rates.seconds == 10


def test_a_topic_that_was_made_anew_has_no_rate_and_none_is_negative() -> None:
    rates = Rates()
    rates.look(NOW, [partition(end=1000, position=900)])
    assert rates.look(NOW + 10, [partition(end=10, position=5)]) == {}
    rates = Rates()
    rates.look(NOW, [partition(end=1000, position=900)])
    assert rates.look(NOW + 10, [partition(end=1000, position=5)])[ORDERS].mirrored == 0


def test_a_position_that_is_committed_once_a_minute_still_has_a_rate() -> None:
    """MM2 without exactly-once: `offset.flush.interval.ms`."""
    rates, found = Rates(), []
    for second in range(0, 180, 5):
        position = second // 60 * 600
        seen = [partition(position=position, end=second * 10 + 10)]
        found.append(rates.look(NOW + second, seen).get(ORDERS))
    assert all(rate is not None and rate.mirrored > 0 for rate in found[13:])


def test_memory_is_bounded() -> None:
    rates = Rates()
    for second in range(1000):
        rates.look(NOW + second, [partition()])
    assert len(rates._samples) <= MOST_SAMPLES


@pytest.mark.parametrize("age", [365 * DAY, 0.6 * DAY, None])
@pytest.mark.parametrize("every", [20, 60, 3600])
def test_a_record_that_the_look_before_did_not_see_is_not_late(every: float, age: float | None) -> None:
    """Its timestamp may be anything, and of thousands of partitions not all are read. The exporter looks once
    a minute, and a mirror may be 30 s behind: a backfill raised MirrorLagAgainstRetention."""
    rates, seen = Rates(), snapshot(partition(position=99, end=100))
    draw(seen, rates)
    for look in (1, 2, 3):
        end = 100 + 50 * look
        old = partition(position=end - 51, end=end, age=age, exact=age is not None)
        row = draw(snapshot(old, at=NOW + every * look, retention={"orders": DAY}), rates).partitions[0]
        assert (row.seconds, row.trouble.word) == (every if every <= 30 else 0, "flowing")


def test_a_timestamp_counts_where_the_look_before_could_not_see_the_record_yet() -> None:
    rates = Rates()
    draw(snapshot(partition(position=99, end=100)), rates)
    late = snapshot(partition(position=99, end=150, age=-5), at=NOW + 60)
    assert draw(late, rates).partitions[0].seconds == pytest.approx(55)
    for clock, seconds in ((3.0, 60), (6.0, 0)):
        rates = Rates()
        draw(snapshot(partition(position=99, end=100)), rates)
        found = draw(snapshot(partition(position=99, end=150, age=clock), at=NOW + 60), rates).partitions[0]
        assert found.seconds == pytest.approx(seconds), "clocks differ by some seconds"


def test_an_old_timestamp_is_late_once_a_look_has_seen_the_record_before() -> None:
    rates, stands = Rates(), partition(position=99, end=150, age=0.6 * DAY)
    draw(snapshot(partition(position=99, end=100)), rates)
    draw(snapshot(stands, at=NOW + 60, retention={"orders": DAY}), rates)
    row = draw(snapshot(stands, at=NOW + 120, retention={"orders": DAY}), rates).partitions[0]
    assert (row.trouble.word, row.trouble.losing) == ("retention-risk", True)


def test_what_was_not_read_waits_since_the_first_look_that_saw_its_offset() -> None:
    rates, stands = Rates(), partition(position=99, end=150, exact=False)
    draw(snapshot(partition(position=99, end=100)), rates)
    for second in range(5, 50, 5):
        row = draw(snapshot(stands, at=NOW + second), rates).partitions[0]
    assert (row.seconds, row.trouble.word) == (40, "stuck")


def test_what_every_look_saw_is_as_old_as_its_timestamp_says() -> None:
    rates = Rates()
    for second in (0, 10, 20):
        seen = snapshot(partition(position=50, age=500 - second), at=NOW + second)
        row = draw(seen, rates).partitions[0]
    assert row.seconds == pytest.approx(500, abs=25)


def test_time_to_catch_up() -> None:
    assert Rate(10, 30).catch_up(100) == 5
    assert Rate(30, 30).catch_up(100) is None
    assert Rate(30, 10).catch_up(0) == 0


@pytest.mark.parametrize(
    ("age", "retention", "says"),
    [
        (0.6 * DAY, DAY, "60% of the retention used, 9 h 36 min left"),
        (2 * DAY, DAY, "older than the retention of 1 d"),
        (0.2 * DAY, DAY, ""),
        (0.6 * DAY, None, ""),
    ],
)
def test_how_much_of_the_retention_is_used(age: float, retention: float | None, says: str) -> None:
    seen = snapshot(partition(position=50, age=age), retention={"orders": retention})
    drawn = draw(seen, Rates())
    row = drawn.partitions[0]
    assert (row.trouble.word == "retention-risk") == bool(says)
    if says:
        assert says in row.says
        assert drawn.verdict.word == LOSING


def test_retention_wins_when_catching_up_takes_longer_than_is_left() -> None:
    rates = Rates()
    seen = snapshot(partition(position=0, end=1_000_000, age=0.3 * DAY), retention={"orders": DAY})
    draw(seen, rates)
    drawn = draw(moved(seen, 20, produced=0, mirrored=20), rates)
    assert drawn.partitions[0].says.startswith(
        "retention deletes records in 16 h 47 min, catching up takes 11 d 13 h"
    )


def test_a_log_whose_start_catches_the_position_up() -> None:
    """Retention by size (`retention.bytes`) knows no age: the log's start itself tells."""
    rates = Rates()
    draw(snapshot(partition(position=1000, start=0, end=9000, age=100)), rates)
    later = snapshot(partition(position=1010, start=900, end=9000, age=110), at=NOW + 10)
    row = draw(later, rates).partitions[0]
    assert row.trouble.word == "retention-risk"
    assert "log start advances faster than the mirror" in row.says
    assert "1.2 s" in row.says


def test_a_record_that_is_stamped_in_the_future_grows_old_all_the_same() -> None:
    """A producer's clock is a day ahead, and the mirror stands still: it is not FLOWING for ever."""
    rates = Rates()
    stands = partition(position=9, end=30, age=-DAY)
    assert draw(snapshot(stands), rates).partitions[0].trouble is Trouble.FLOWING
    for minute in range(1, 4):
        seen = draw(snapshot(stands, at=NOW + 60 * minute), rates).partitions[0]
    assert seen.seconds == 180
    assert seen.trouble is Trouble.STUCK
    goes_on = partition(position=20, end=40, age=-DAY)
    seen = draw(snapshot(goes_on, at=NOW + 200), rates).partitions[0]
    assert (seen.seconds, seen.trouble) == (0, Trouble.FLOWING)


def test_a_record_without_a_timestamp_is_as_old_as_looks_have_seen_it() -> None:
    """-1 (`RecordBatch.NO_TIMESTAMP`) is not 1970: one on its way was about to be lost to retention."""
    rates = Rates()
    bare = partition(position=9, end=11)._replace(waiting=Waiting(1, True, 10, -1))
    kept = {"orders": DAY}
    seen = draw(snapshot(bare, retention=kept), rates).partitions[0]
    assert (seen.seconds, seen.trouble, seen.retention_used) == (0.0, Trouble.FLOWING, 0.0)
    later = draw(snapshot(bare, at=NOW + 60, retention=kept), rates).partitions[0]
    assert (later.seconds, later.trouble) == (60.0, Trouble.STUCK)


def test_retention_also_reaches_a_record_without_a_timestamp() -> None:
    """Its age was unknown, so that no alert said that a mirror which stands still loses such records soon."""
    rates, bare = Rates(), partition(position=9, end=11)._replace(waiting=Waiting(1, True, 10, -1))
    for hour in range(14):
        at, kept = NOW + 3600 * hour, {"orders": DAY}
        seen = draw(snapshot(bare, at=at, retention=kept), rates).partitions[0]
    assert (seen.retention_used, seen.trouble) == (13 / 24, Trouble.RETENTION_RISK)


def test_what_waits_is_forgotten_with_its_record() -> None:
    rates, waits = Rates(), TopicPartition("orders", 0)
    rates.look(NOW, [partition(position=9, end=30, age=-DAY)])
    assert rates.waits_at_least(NOW + 5, waits) == 5
    rates.look(NOW + 5, [partition(unread="no leader")])
    assert rates.waits_at_least(NOW + 5, waits) == 5, "it was not read"
    for gone in (
        partition(position=29, end=30),
        partition(position=9, start=20, end=30, age=-DAY),
        partition(position=9, end=30)._replace(waiting=Waiting(0)),
        partition(position=9, end=30)._replace(waiting=Waiting(3, True, 15, 1)),
        partition(position=9, end=5),
    ):
        rates.look(NOW, [partition(position=29, end=30)])
        rates.look(NOW, [partition(position=9, end=30, age=-DAY)])
        rates.look(NOW + 60, [gone])
        assert rates.waits_at_least(NOW + 60, waits) == 0
    rates.look(NOW + 60, [partition(position=9, end=30)])
    assert rates.waits_at_least(NOW + 90, waits) == 0, "an offset that was not read may be a marker"


def test_a_clock_that_was_set_back_hides_no_standstill() -> None:
    """NTP corrects a host, a machine wakes up: for as long as the clock had been ahead nothing had a rate,
    and a mirror that stood still was only late."""
    rates = Rates()
    for second in (3600, 3610):  # an hour ahead
        draw(snapshot(partition(end=200, age=DAY), at=NOW + second), rates)
    for second in range(0, 130, 10):
        picture = draw(snapshot(partition(end=200, age=DAY), at=NOW + second), rates)
    assert picture.rates_over > 0
    assert picture.partitions[0].trouble is Trouble.STUCK
    assert rates.waits_at_least(NOW + 120, ORDERS) == 120, "since the first look with the right time"
