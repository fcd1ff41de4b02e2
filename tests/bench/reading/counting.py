"""librdkafka's own rate: all partitions of a topic in one queue, and a compiled loop that only counts.

What librdkafka's consumer benchmark does (`rdkafka_performance -C`, which no package brings): take a batch
off the queue, look at each record's error and length, destroy it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror.audit.native.client import Client
from mirror.audit.native.compiling import compiled
from mirror.audit.native.library import Message, library
from mirror.audit.native.loop import BATCH, message_destroy, take_batch
from mirror.audit.native.memory import load_i32, load_i64
from mirror.clients.access import ClusterAccess
from tests.bench.reading.logs import PARTITIONS, Shape

_ERR, _LENGTH = Message.err.offset, Message.len.offset


@compiled
def _count(queue: int, partitions: int, messages: NDArray[np.int64], totals: NDArray[np.int64]) -> None:
    ended = 0
    while ended < partitions:
        for number in range(take_batch(queue, 1000, messages, len(messages))):
            message = messages[number]
            if load_i32(message + _ERR) == 0:
                totals[0] += 1
                totals[1] += load_i64(message + _LENGTH)
            else:
                ended += 1  # partition EOF
            message_destroy(message)


def count(access: ClusterAccess, shape: Shape) -> int:
    """Read the topic to its end; the number of records."""
    client = Client(access)
    topic = library().rd_kafka_topic_new(client.handle, shape.topic.encode(), None)
    queue = library().rd_kafka_queue_new(client.handle)
    for number in range(PARTITIONS):
        assert library().rd_kafka_consume_start_queue(topic, number, 0, queue) == 0
    totals = np.zeros(2, np.int64)
    _count(queue, PARTITIONS, np.zeros(BATCH, np.int64), totals)
    for number in range(PARTITIONS):
        library().rd_kafka_consume_stop(topic, number)
    library().rd_kafka_queue_destroy(queue)
    library().rd_kafka_topic_destroy(topic)
    client.close()
    return int(totals[0])
