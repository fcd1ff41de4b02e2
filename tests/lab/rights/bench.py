"""Where the experiments are made: names of this run, users, workers, and nothing left of them in the end."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from confluent_kafka import KafkaException

from lab import processes
from tests.lab.rights.mirrors import Mirror
from tests.lab.rights.model import Right
from tests.lab.rights.users import User, forget, principals
from tests.lab.rights.worker import PROCESS_PREFIX, Worker
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.wait import until

MARK = "each-right-"
"""In the name of everything that these tests make, and of nothing else."""
REGIONS = ("east", "west")


@dataclass
class Bench:
    """One run in one lab."""

    regions: Regions
    folder: Path
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:4])
    _workers: list[Worker] = field(default_factory=list)

    def name(self, *parts: str) -> str:
        """A name of this run's own."""
        return "-".join((f"{MARK}{self.id}", *parts))

    @property
    def source(self) -> dict[str, Any]:
        """The source's super user."""
        return self.regions.kafka("east")

    @property
    def target(self) -> dict[str, Any]:
        """The target's super user."""
        return self.regions.kafka("west")

    def worker(self, mirrors: Sequence[Mirror]) -> Worker:
        """A worker for these mirrors, whose users have all their rights but those they go without."""
        name = mirrors[0].settings.mirror.name
        readers = {
            alias: User.create(self.regions, "east", f"{alias}-reader")
            for alias in (mirror.settings.source.alias for mirror in mirrors)
        }
        user = User.create(self.regions, "west", f"{name}-user")
        worker = Worker(self.regions, self.folder / name, list(mirrors), user, readers)
        self._workers.append(worker)
        given: set[Right] = set()
        for mirror in mirrors:
            given |= mirror.target_rights - mirror.without
            readers[mirror.settings.source.alias].give(mirror.source_rights - mirror.source_without)
        missing = set[Right]().union(*(mirror.without for mirror in mirrors))
        assert not missing & given, "another mirror of this worker gives what shall be missing"
        user.give(given)
        return worker

    def give_back(self, worker: Worker, mended: Sequence[Mirror] = ()) -> None:
        """Give the users of these mirrors, or of all mirrors of a worker, all their rights."""
        mended = mended or worker.mirrors
        given: set[Right] = set()
        for mirror in worker.mirrors:
            given |= mirror.target_rights - (frozenset() if mirror in mended else mirror.without)
        worker.user.give(given)
        for mirror in mended:
            worker.readers[mirror.settings.source.alias].give(mirror.source_rights)

    def close(self) -> None:
        """Leave nothing behind: no process, topic, group or ACL."""
        for worker in self._workers:
            worker.stop()
        sweep(self.regions)


def sweep(regions: Regions) -> None:
    """Remove everything that bears the mark, of this run or of one that was killed."""
    for name, found in processes.find_all(regions.lab).items():
        if name.startswith(f"{PROCESS_PREFIX}{MARK}"):
            for process in found:
                with contextlib.suppress(psutil.Error):
                    process.kill()
    for region in REGIONS:
        config = regions.kafka(region)
        forget(regions, region)
        for topic in (topic for topic in kafka.topics(config) if MARK in topic):
            kafka.delete_topic(config, topic)
        until(f"no group of these tests in {region}", partial(_no_group, config), seconds=90)


def leftovers(regions: Regions) -> list[str]:
    """Everything that bears the mark."""
    found = [name for name in processes.find_all(regions.lab) if name.startswith(f"{PROCESS_PREFIX}{MARK}")]
    for region in REGIONS:
        config = regions.kafka(region)
        found += [topic for topic in kafka.topics(config) if MARK in topic]
        found += [*_groups(config), *principals(regions, region)]
    return found


def _groups(config: dict[str, Any]) -> list[str]:
    admin = kafka.administrator(config)
    listing = admin.list_consumer_groups(request_timeout=30).result(35)
    return [group.group_id for group in listing.valid if MARK in group.group_id]


def _no_group(config: dict[str, Any]) -> bool:
    """Delete what can be deleted: a worker that was killed stays a member until its session is over."""
    for group in _groups(config):
        with contextlib.suppress(KafkaException):
            kafka.delete_group(config, group)
    return not _groups(config)
