"""Processes that are gone, of a whole region or some: ended by SIGKILL, and not started again before their
time.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from contextlib import suppress

import psutil
from confluent_kafka import Consumer, TopicPartition
from lightkube.resources.core_v1 import Secret

from lab import processes
from lab.errors import LabError
from lab.layout import NAMESPACE, Lab
from lab.processes import ProcessSpec
from lab.region.clients import admin_client_config, kubernetes
from lab.waiting import wait_gone

GONE_SECONDS = 30.0
BACK_SECONDS = 180.0
_ANSWER_SECONDS = 5.0


def kill_region(lab: Lab, region: str) -> dict[str, ProcessSpec]:
    """Kill the region whole, and return what has run: `restore` needs it. Raises LabError."""
    return kill(lab, f"{region}-")


def kill(lab: Lab, prefix: str, *, alone: bool = False) -> dict[str, ProcessSpec]:
    """Kill all processes whose names begin so, and return what has run. `alone`: only that of this name: that
    of a region's Kafka begins the names of its workers, too. Raises LabError.
    """
    specs = {
        name: one
        for name, one in processes.declared(lab).items()
        if name == prefix or (not alone and name.startswith(prefix))
    }
    supervisor = processes.find(lab, processes.SUPERVISOR)
    if not specs or supervisor is None:
        raise LabError(f"the lab at {lab.root} has no process {prefix}, or no supervisor")
    supervisor.suspend()  # it would end the processes by SIGTERM, or start killed ones again
    try:
        for name in specs:
            processes.withdraw(lab, name)
        for name, running in processes.find_all(lab).items():
            if name in specs:
                for process in running:
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(signal.SIGKILL)
    finally:
        supervisor.resume()
    return specs


def wait_until_gone(lab: Lab, specs: Mapping[str, ProcessSpec]) -> None:
    """Wait until none of these processes runs any more. Raises LabError."""
    for name in specs:
        wait_gone(lab, name, GONE_SECONDS)


def restore(lab: Lab, region: str, specs: Mapping[str, ProcessSpec]) -> None:
    """Let these processes run again, with their data, and wait until they answer. Raises LabError."""
    if not lab.exists:
        # Its owner was killed, and the lab ended with it: a file here would make the folder a stranger's.
        raise LabError(f"there is no lab at {lab.root} any more, so region {region} does not come back")
    for spec in specs.values():
        processes.declare(lab, spec)
    deadline = time.monotonic() + BACK_SECONDS
    while not answers(lab, region):
        if time.monotonic() > deadline:
            raise LabError(f"region {region} does not answer {BACK_SECONDS:.0f} s after its return")
        time.sleep(0.5)


def answers(lab: Lab, region: str) -> bool:
    """Whether topics and groups can be read, and the Kubernetes API answers."""
    try:
        # A consumer that joins nothing: `list_consumer_group_offsets` ends the process while a coordinator
        # loads (librdkafka #5040), as it does after a kill.
        config = admin_client_config(lab, region) | {"group.id": "nobody", "enable.auto.commit": False}
        consumer = Consumer({**config, "log_level": 0})
        try:
            topics = consumer.list_topics(timeout=_ANSWER_SECONDS).topics
            some = [TopicPartition(next(iter(topics)), 0)]
            consumer.committed(some, timeout=_ANSWER_SECONDS)
        finally:
            consumer.close()
        next(iter(kubernetes(lab, region).list(Secret, namespace=NAMESPACE)), None)
    except Exception:
        return False
    return bool(topics)
