"""Plants faults: a copy is deleted and written again with what a bad mirror could have done to it.

The mirror is stopped meanwhile, so MM2's position stays where it was, and it makes no topic of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import ConfigResource, NewTopic, ResourceType

from tests.lab.support import kafka
from tests.lab.support.kafka import Config, Record
from tests.lab.support.wait import until

Found = tuple[str, int, tuple[int, int], tuple[str, ...]]
"""Kind, records, source offsets (of those before and after an alien record), altered parts."""


@dataclass
class Faulty:
    """A copy with faults; `source` are the topic's records, `place` counts them."""

    source: Sequence[Record]
    copy: list[Record] = field(default_factory=list)
    planted: list[Found] = field(default_factory=list)
    _after: dict[int, list[Record]] = field(default_factory=dict)
    _instead: dict[int, list[Record]] = field(default_factory=dict)

    def lose(self, first: int, count: int = 1) -> None:
        for place in range(first, first + count):
            self._instead[place] = []
        self._plant("lost", count, first, first + count - 1)

    def double(self, first: int, count: int = 1, later: int = 0) -> None:
        """Records a second time, at once or after `later` others, as a worker does that begins again."""
        self._after[first + count - 1 + later] = list(self.source[first : first + count])
        self._plant("duplicated", count, first, first + count - 1)

    def move(self, place: int, later: int) -> None:
        self._instead[place] = []
        self._after[place + later] = [self.source[place]]
        self._plant("reordered", 1, place, place)

    def alter(self, place: int, part: str, record: Record) -> None:
        self._instead[place] = [record]
        self._plant("altered", 1, place, place, (part,))

    def add(self, place: int, record: Record) -> None:
        """A record that is from elsewhere, after this one."""
        self._after[place] = [record]
        before = self.source[place].offset
        after = self.source[place + 1].offset if place + 1 < len(self.source) else -1
        self.planted.append(("alien", 1, (before, after), ()))

    def rows(self) -> list[Record]:
        """The faulty copy."""
        found = []
        for place, record in enumerate(self.source):
            found += self._instead.get(place, [record])
            found += self._after.get(place, [])
        return found

    def _plant(self, kind: str, count: int, first: int, last: int, parts: tuple[str, ...] = ()) -> None:
        offsets = self.source[first].offset, self.source[last].offset
        self.planted.append((kind, count, offsets, parts))


def create(config: Config, topic: str, settings: Mapping[str, str]) -> None:
    """A topic of one partition."""
    admin = kafka.administrator(config)
    admin.create_topics([NewTopic(topic, 1, config=dict(settings))])[topic].result(kafka.ANSWER_SECONDS)


def settings_of(config: Config, topic: str) -> dict[str, str]:
    """What the topic's configuration says of its cleaning."""
    admin = kafka.administrator(config)
    resource = ConfigResource(ResourceType.TOPIC, topic)
    found = admin.describe_configs([resource])[resource].result(kafka.ANSWER_SECONDS)
    return {name: found[name].value for name in ("cleanup.policy", "delete.retention.ms")}


def replace_copy(config: Config, topic: str, rows: Sequence[Record]) -> None:
    """Delete the topic, create it with the same settings, and write these records."""
    settings = settings_of(config, topic)
    kafka.delete_topic(config, topic)

    def created() -> bool:
        try:
            create(config, topic, settings)
        except KafkaException:
            return False
        return True

    until(f"{topic} to be gone and back", created, seconds=60)
    until(f"{topic} in the metadata", lambda: topic in kafka.topics(config), seconds=60)
    write(config, topic, rows)


def write(config: Config, topic: str, rows: Sequence[Record], transactional_id: str = "") -> None:
    """Append records as they are: key, value, headers and timestamp; with an id, in one transaction."""
    more = {"transactional.id": transactional_id} if transactional_id else {"enable.idempotence": True}
    producer = Producer({**config, "acks": "all", "linger.ms": 20, **more})
    if transactional_id:
        producer.init_transactions(60)
        producer.begin_transaction()
    for record in rows:
        while True:
            try:
                producer.produce(
                    topic,
                    record.value,
                    record.key,
                    0,
                    timestamp=record.timestamp,
                    headers=list(record.headers),
                )
                break
            except BufferError:
                producer.poll(1)
        producer.poll(0)
    if transactional_id:
        producer.commit_transaction(60)
    assert producer.flush(60) == 0


def abort(config: Config, topic: str, rows: Sequence[Record], transactional_id: str) -> None:
    """Write records and abort their transaction."""
    producer = Producer({**config, "transactional.id": transactional_id})
    producer.init_transactions(60)
    producer.begin_transaction()
    for record in rows:
        producer.produce(
            topic, record.value, record.key, 0, timestamp=record.timestamp, headers=list(record.headers)
        )
    producer.flush(60)
    producer.abort_transaction(60)
