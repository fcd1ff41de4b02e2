#!/usr/bin/env bash
# A topic pattern of confluent-kafka is not anchored at its end, and `\d` in it is no digit.
#
# Versions:   confluent-kafka 2.16.1 (PyPI, Linux with glibc), Python 3.11; librdkafka's own mock cluster.
# Guess:      A pattern selects the topics that the same pattern selects in a Java consumer.
# Behaviour:  librdkafka gives the pattern to the C library's `regcomp` (POSIX extended) and looks for it anywhere in the
#             name: `^orders` also takes `orders-1`, where a Java consumer asks for a match of the whole name. `\d` is
#             the letter d, without an error: `orders-d` is assigned and `orders-1` is not. `[0-9]` works.
# Matters:    A consumer that is ported from Java to confluent-kafka reads other topics with the same pattern.
# Output:     ^orders -> ['orders', 'orders-1', 'orders-d']
#             ^orders-\d$ -> ['orders-d']
#             ^orders-[0-9]$ -> ['orders-1']
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m pip install -q --target packages confluent-kafka==2.16.1 >&2
PYTHONPATH=packages python3 - <<'PYTHON' | tee seen
import time
from confluent_kafka import Consumer, Producer

mock = Producer({"test.mock.num.brokers": 1})
servers = ",".join(f"{broker.host}:{broker.port}" for broker in mock.list_topics(timeout=120).brokers.values())
producer = Producer({"bootstrap.servers": servers})
for topic in ("orders", "orders-1", "orders-d"):
    producer.produce(topic, b"")
producer.flush(120)
for pattern in (r"^orders", r"^orders-\d$", r"^orders-[0-9]$"):
    assigned = []
    consumer = Consumer({"bootstrap.servers": servers, "group.id": pattern})
    consumer.subscribe([pattern], on_assign=lambda _, partitions: assigned.extend(partitions))
    deadline = time.monotonic() + 120
    while not assigned and time.monotonic() < deadline:
        consumer.poll(0.5)
    print(pattern, "->", sorted({partition.topic for partition in assigned}))
    consumer.close()
PYTHON
diff seen - <<'EXPECTED'
^orders -> ['orders', 'orders-1', 'orders-d']
^orders-\d$ -> ['orders-d']
^orders-[0-9]$ -> ['orders-1']
EXPECTED
