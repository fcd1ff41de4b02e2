"""What a look for the status costs: seconds and memory by the number of partitions and of groups.

Topics and groups are made on both clusters directly, positions written as MM2 would have committed them
(`mirror.start.initial_offsets`), under names of the bench's own, and all is deleted in the end. No mirror has
to be deployed: nothing is copied. Each size is looked at in a process of its own, so that memory is, too.

    python -m tests.bench status                                  the sizes of docs/status.md
    STATUS_SIZES=1000x100,2000x100 python -m tests.bench status   partitions x groups
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lab.layout import Lab
from lab.region.clients import admin_client_config
from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.clients.sides import Sides
from mirror.status.picture import draw, to_json
from mirror.status.rates import Rates
from mirror.status.reading import SnapshotReader
from mirror.verify.reading import look as looking
from tests.bench.many_partitions import estate, settings

SIZES = "1000x0,5000x0,10000x0,100x1000,100x2000,100x4000"


SHORT = "50x3"
"""Shows that the bench runs, and measures nothing."""


LOOKS = 4


class _Access(ClusterAccess):
    """A lab cluster, as its administrator."""

    __slots__ = ("config",)
    config: dict[str, Any]

    def client_config(self) -> dict[str, Any]:
        """librdkafka's settings."""
        return dict(self.config)


def access(lab: Lab, region: str) -> ClusterAccess:
    """How the bench logs in: it measures looking, not rights."""
    made = _Access(f"the lab's {region}", "", ScramCredential("administrator", ""), region)
    object.__setattr__(made, "config", admin_client_config(lab, region))
    return made


def look(lab: Lab) -> dict[str, Any]:
    """Looks, with what each took; in the process that was started for it."""
    with ExitStack() as stack:
        sides = stack.enter_context(Sides(access(lab, "east"), access(lab, "west")))
        eye = SnapshotReader(settings(), Path(), stack)
        eye._session = looking.Session(settings(), Path(), stack, sides)
        rates, took, cpu = Rates(), [], []
        looking.Look.resource = property(lambda _: {})  # type: ignore[assignment,method-assign]
        for _ in range(LOOKS):
            before = time.perf_counter(), time.process_time()
            picture = draw(eye.look(), rates)
            json.dumps(to_json(picture))
            took.append(time.perf_counter() - before[0])
            cpu.append(time.process_time() - before[1])
    # The two helpers that read the groups' offsets have ended with their cluster.
    helpers = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    helped = (helpers.ru_utime + helpers.ru_stime) / LOOKS
    assert picture.total is not None, picture.snapshot.problems
    return {
        "first": took[0],
        "next": sorted(took[1:])[len(took[1:]) // 2],
        "cpu": sorted(cpu[1:])[len(cpu[1:]) // 2] + helped,
        "megabytes": (own + 2 * helpers.ru_maxrss) / 1024,
        "partitions": picture.total.partitions,
        "groups": len(picture.groups),
        "problems": list(picture.snapshot.problems),
        "troubles": {one.word: count for one, count in picture.by_trouble.items()},
        "group_troubles": {one.word: count for one, count in picture.by_group_trouble.items()},
    }


def main(lab: Lab, short: bool = False) -> None:
    """Measure every size, and print one table."""
    table = Table(title=f"a look for the status, median of {LOOKS - 1} after the first", title_justify="left")
    for column in ("partitions", "groups", "first look, s", "next looks, s", "CPU, s", "memory, MB", "saw"):
        table.add_column(column, justify="right")
    for size in (SHORT if short else os.environ.get("STATUS_SIZES", SIZES)).split(","):
        partitions, groups = map(int, size.split("x"))
        with estate(lab, partitions, groups):
            command = [sys.executable, "-m", "tests.bench.status"]
            done = subprocess.run(
                command,
                env={**os.environ, "REGION_MIRROR_LAB": str(lab.root)},
                stdout=subprocess.PIPE,
                check=True,
            )
        found = json.loads(done.stdout)
        table.add_row(
            f"{found['partitions']:,}",
            f"{found['groups']:,}",
            *(f"{found[one]:.2f}" for one in ("first", "next", "cpu")),
            f"{found['megabytes']:.0f}",
            json.dumps({**found["troubles"], **found["group_troubles"]}) + "".join(found["problems"]),
        )
        Console(width=200).print(table)


if __name__ == "__main__":
    print(json.dumps(look(Lab.find())))
