"""A watch of days keeps a bounded history: newest looks whole, older ones thinned, what changed by name."""

from __future__ import annotations

from dataclasses import replace

from mirror.status.history import MOST_EVENTS, MOST_POINTS, MOST_TOPICS, History
from mirror.status.picture import MirrorVerdict, draw, failure
from mirror.status.rates import Rates
from tests.unit.status.made_up import NOW, many, partition, snapshot


def test_points_are_thinned_and_the_first_and_last_stay() -> None:
    history, seen = History(), draw(snapshot(partition(position=98, age=1)), Rates())
    for second in range(5000):
        history.add(replace(seen, snapshot=replace(seen.snapshot, at=NOW + second)))
    assert len(history.points) <= MOST_POINTS
    assert (history.points[0].at, history.points[-1].at) == (NOW, NOW + 4999)
    assert history.points == sorted(history.points, key=lambda point: point.at)


def test_topics_are_few_however_many_there_are() -> None:
    history = History()
    history.add(draw(many(500, 2, 0), Rates()))
    assert len(history.points[0].topics) == MOST_TOPICS
    assert len(history.to_json()["topics"]) == MOST_TOPICS


def test_since_when() -> None:
    history = History()
    good = draw(snapshot(partition()), Rates())
    history.add(good)
    assert history.since(good.verdict) is None  # it may have been so for long
    history.add(failure("m", "east", "west", NOW + 10, "gone"))
    assert history.since(MirrorVerdict("unknown", "gone")) == NOW + 10
    history.add(failure("m", "east", "west", NOW + 20, "gone"))
    assert history.since(MirrorVerdict("unknown", "gone")) == NOW + 10
    assert history.since(MirrorVerdict("stuck", "x", NOW - 500)) == NOW - 500


def test_events_are_bounded_and_a_failed_look_is_a_gap() -> None:
    history = History()
    good = draw(snapshot(partition()), Rates())
    for number in range(200):
        history.add(good if number % 2 else failure("m", "east", "west", NOW + number, "gone"))
    assert len(history.events) == MOST_EVENTS
    assert history.to_json()["records"][:2] == [None, 0]
