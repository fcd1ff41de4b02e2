"""`make bench`: what a look at the mirror costs, as a ratio to reading the source's logs once.

The reference is one librdkafka consumer that reads every mirrored partition of the source from its beginning
to its end and throws the records away: a look reads windows, so it should cost a fraction of that on large
logs and a constant (connections, groups, positions) on small ones.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaError, TopicPartition
from rich.console import Console
from rich.table import Table

from lab.layout import PROJECT, Lab
from lab.region.clients import admin_client_config
from lab.workload.roster import TOPICS
from mirror.report import CHECKS
from mirror.verification import verify
from settings.load import load
from settings.stack_file import parse_stack_file

ROUNDS = 5


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
    records, ended = 0, set()
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


def seconds(act: Callable[[], object]) -> list[float]:
    """Wall seconds of each round."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return taken


def main() -> None:
    """Measure on the lab that runs, and print one table."""
    lab = Lab.find()
    stack_file = (PROJECT / "stacks" / "Pulumi.lab.yaml").read_text()
    settings = load(parse_stack_file(stack_file))
    records = read_everything(lab)
    reference = seconds(lambda: read_everything(lab))
    rows = {
        "one look, all checks": seconds(lambda: verify(settings, root=PROJECT)),
        **{
            f"one look, {name}": seconds(lambda name=name: verify(settings, root=PROJECT, only={name}))  # type: ignore[misc]
            for name in CHECKS
        },
    }
    table = Table(title=f"median of {ROUNDS}, source of {records:,} records", title_justify="left")
    for column in ("what", "seconds", "spread", "ratio"):
        table.add_column(column, justify="left" if column == "what" else "right")
    base = statistics.median(reference)
    for what, taken in {"reading the source once (reference)": reference, **rows}.items():
        middle = statistics.median(taken)
        spread = f"{min(taken):.2f} to {max(taken):.2f}"
        table.add_row(what, f"{middle:.2f}", spread, f"{middle / base:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
