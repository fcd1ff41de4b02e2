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
from settings.stack_file import parse_stack_file
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


def main(lab: Lab) -> None:
    """Measure on the lab that runs, and print one table."""
    stack_file = (PROJECT / "stacks" / "Pulumi.lab.yaml").read_text()
    settings = load(parse_stack_file(stack_file))
    records = read_everything(lab)
    reference = costs(lambda: read_everything(lab), ROUNDS)
    rows = {
        "one look, all checks": costs(lambda: verify(settings, root=PROJECT), ROUNDS),
        **{
            f"one look, {name}": costs(partial(verify, settings, root=PROJECT, only={name}), ROUNDS)
            for name in NAMES
        },
    }
    show(
        f"median of {ROUNDS}, source of {records:,} records",
        _REFERENCE,
        {_REFERENCE: reference, **rows},
    )
