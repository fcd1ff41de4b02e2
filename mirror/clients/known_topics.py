"""Makes topics known to a consumer before they are assigned to it.

A topic that a consumer does not know is not fetched at once: librdkafka asks for its leaders when its scan of
all topics comes round, once a second (findings/librdkafka-assigns-unknown-topics-a-second-later.sh). A look
assigns other topics again and again, so it would wait most of its time for that scan.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException

# librdkafka forgets a topic's metadata after `metadata.max.age.ms`, 900 s by default.
_KEPT_SECONDS = 600.0
_TIMEOUT_SECONDS = 5.0
_PAUSE_SECONDS = 60.0


class KnownTopics:
    """The topics of which a consumer has metadata. Not for several threads at once."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._topics: frozenset[str] = frozenset()
        self._until = float("-inf")
        self._pause = float("-inf")

    def learn(self, topics: Iterable[str] = ()) -> None:
        """Read the metadata of all topics, unless these are known already. The first call logs in.

        A failure is not raised: librdkafka's scan finds the leaders, later. Nothing is asked for a minute
        then, because every call would wait.
        """
        now = time.monotonic()
        if now < self._pause or (now < self._until and self._topics.issuperset(topics)):
            return
        try:
            self._topics = frozenset(self._consumer.list_topics(timeout=_TIMEOUT_SECONDS).topics)
            self._until = now + _KEPT_SECONDS
        except KafkaException:
            self._pause = now + _PAUSE_SECONDS
