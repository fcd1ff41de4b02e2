"""Puts production into region east of a lab: users, topics, history, groups and running processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from lab import processes
from lab.layout import PROJECT, Lab
from lab.workload import kafka_users
from lab.workload.connection import SOURCE, connect
from lab.workload.running import STOP_SECONDS
from lab.workload.seed import SeedReport, seed

PRODUCER = "workload-producer"
CONSUMER = "workload-consumer"
RATE_VARIABLE = "REGION_MIRROR_LAB_RATE"
"""Set it to another number of records a second for production, before `lab up` or `install`."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What `install` did."""

    users: int
    seed: SeedReport
    processes_changed: tuple[str, ...]

    def __str__(self) -> str:
        changed = ", ".join(self.processes_changed) or "none"
        return f"{self.users} KafkaUsers Ready; {self.seed}; processes declared anew: {changed}"


def install(lab: Lab, say: Callable[[str], None] = lambda line: None) -> Installed:
    """Users Ready, history there, groups where they belong, running processes declared. Idempotent.

    Needs the region's API server, operator and broker; raises CouldNotRun with what is missing. The
    supervisor starts the processes.
    """
    users = kafka_users.production_users()
    say(f"declaring {len(users)} KafkaUsers")
    kafka_users.apply(lab, users)
    kafka_users.wait_until_ready(lab, [user["metadata"]["name"] for user in users])
    report = seed(connect(lab, SOURCE), say=say)
    changed = tuple(spec.name for spec in process_specs() if processes.declare(lab, spec))
    return Installed(len(users), report, changed)


def uninstall(lab: Lab) -> None:
    """Withdraw the running processes; users, topics and records stay."""
    for spec in process_specs():
        processes.withdraw(lab, spec.name)


def process_specs() -> tuple[processes.ProcessSpec, ...]:
    """The two processes of production that keep running. The environment may say how much is produced."""
    rate = os.environ.get(RATE_VARIABLE)
    producing = ("produce", *(("--rate", rate) if rate else ()))
    return tuple(
        processes.ProcessSpec(
            name=name,
            argv=(sys.executable, "-m", "lab.workload", *command, "--region", SOURCE),
            env={"PYTHONUNBUFFERED": "1"},
            cwd=str(PROJECT),
            stop_seconds=STOP_SECONDS + 2,
        )
        for name, command in ((PRODUCER, producing), (CONSUMER, ("consume",)))
    )
