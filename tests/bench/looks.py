"""What a look at the mirror costs, as a ratio to reading the source's logs once.

The reference is one librdkafka consumer that reads every mirrored partition of the source from its beginning
to its end and throws the records away: a look reads windows, so it should cost a fraction of that on large
logs and a constant (connections, groups, positions) on small ones.
"""

from __future__ import annotations

from functools import partial

from confluent_kafka import Consumer, KafkaError, TopicPartition

from lab.layout import PROJECT, Lab
from lab.region.clients import admin_client_config
from lab.workload.roster import TOPICS
from mirror.verify.register import NAMES
from mirror.verify.run import verify
from settings.load import load
from tests.bench.lab_mirror import lab_sections
from tests.bench.measure import costs, show

ROUNDS = 5
_REFERENCE = "reading the source once"


def read_everything(lab: Lab) -> int:
    """Read the workload's topics on the source once; the number of records."""
    consumer = Consumer(
        {
            **admin_client_config(lab, "east"),
            "group.id": "bench",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            # A Python consumer stalls a second at a time with librdkafka's default of 1,000.
            "fetch.queue.backoff.ms": 10,
        }
    )
    partitions = [TopicPartition(t.name, number, 0) for t in TOPICS for number in range(t.partitions)]
    consumer.assign(partitions)
    records = 0
    ended: set[tuple[str | None, int | None]] = set()
    try:
        while len(ended) < len(partitions):
            for message in consumer.consume(1000, timeout=1):
                error = message.error()
                if error is None:
                    records += 1
                elif error.code() == KafkaError._PARTITION_EOF:
                    ended.add((message.topic(), message.partition()))
    finally:
        consumer.close()
    return records


def main(lab: Lab, short: bool = False) -> None:
    """Measure on the lab that runs, and print one table."""
    rounds, names = (1, NAMES[:1]) if short else (ROUNDS, NAMES)
    settings = load(lab_sections(lab))
    records = read_everything(lab)
    reference = costs(lambda: read_everything(lab), rounds)
    rows = {
        "one look, all checks": costs(lambda: verify(settings, root=PROJECT), rounds),
        **{
            f"one look, {name}": costs(partial(verify, settings, root=PROJECT, only={name}), rounds)
            for name in names
        },
    }
    show(
        f"median of {rounds}, source of {records:,} records",
        _REFERENCE,
        {_REFERENCE: reference, **rows},
    )
