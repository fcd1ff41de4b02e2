"""The mirror writes heartbeats itself: they are there, whatever became of the topics of clients."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from mirror.clients.records import Topic, TopicPartition
from mirror.clients.topics import Topics, own_topics
from mirror.status.reading import vanished
from mirror.verify.reading.parts import Committed
from tests.unit.support.made_up import settings


def test_heartbeats_do_not_hide_that_the_topics_of_clients_vanished() -> None:
    chosen = settings(heartbeats_interval_seconds=5)
    only = {"heartbeats": "heartbeats"}
    there = Topics({"heartbeats": Topic("heartbeats", 1, 1)}, {}, only, own=own_topics(chosen, only))
    look: Any = SimpleNamespace(topics=there, settings=chosen)
    beats = TopicPartition("heartbeats", 0)
    assert not vanished(look, Committed({beats: 7}))
    [problem] = vanished(look, Committed({beats: 7, TopicPartition("orders", 0): 9}))
    assert "MM2 has mirrored orders: it was deleted" in problem
