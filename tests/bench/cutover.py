"""`python -m tests.bench cutover`: how long producers wait in a move, and in one by MM2's own means.

Both moves begin with the same fence under the same load, in turns. By MM2's own means, as Strimzi's
documentation has it, one waits until everything is mirrored, and then until MM2 has synced the groups: the
bench polls, so it waits for no interval longer than it must. Then the connectors are stopped.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from lab.layout import Lab
from mirror.clients.records import TopicPartition
from mirror.cutover.fence.prove import ProveFence
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.step import Step, World
from mirror.cutover.steps.drain import Drain
from mirror.cutover.steps.promote import Promote
from tests.bench.moved_logs import LARGE, SMALL, Size
from tests.bench.moved_mirror import Moving
from tests.bench.moving import moving
from tests.unit.support.memory_journal import MemoryJournal

ROUNDS = 3
INTERVALS = {
    "the stack's default intervals": {},
    "Kafka's default intervals": {
        "sync_group_offsets_interval_seconds": 60,
        "emit_checkpoints_interval_seconds": 60,
    },
}
_STEP_SECONDS = 300.0
_LEAST = 0.05
"""Seconds of a step below which its ratio says nothing."""


def main(lab: Lab, short: bool = False) -> None:
    """Measure on the lab that runs, and print a table for each set of intervals."""
    for number, (what, intervals) in enumerate(INTERVALS.items()):
        if short and number:
            break
        with moving(lab, f"bench-move{number}", dict(intervals)) as made:
            _measure(made, what, 1 if short else ROUNDS)


def large(lab: Lab, short: bool = False) -> None:
    """The window of a mirror with many partitions and groups beside that of a small one, step by step."""
    taken: dict[str, dict[str, list[float]]] = {}
    for number, size in enumerate((SMALL, Size({"a": 8, "b": 8}, 3) if short else LARGE)):
        with moving(lab, f"bench-size{number}", size=size) as made:
            chance, steps = random.Random(7), taken.setdefault(str(size), defaultdict(list))
            for _ in range(1 if short else ROUNDS):
                for step, seconds in _moved(made, chance).items():
                    steps[step].append(seconds)
                Console().print(f"{size}: {sum(one[-1] for one in steps.values()):.1f} s")
                made.put_back()
    _show_sizes(taken)


def _measure(made: Moving, what: str, rounds: int) -> None:
    chance = random.Random(7)
    ours: list[float] = []
    theirs: list[float] = []
    steps: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        taken = _moved(made, chance)
        ours.append(sum(taken.values()))
        Console().print(f"{what}: region-mirror cutover {ours[-1]:.1f} s")
        for step, seconds in taken.items():
            steps[step].append(seconds)
        made.put_back()
        made.commit(chance)
        with made.writing(), made.world() as world:
            made.more()
            theirs.append(by_mm2(made, world))
        Console().print(f"{what}: by MM2's own means {theirs[-1]:.1f} s")
        made.put_back()
    _show(what, ours, theirs, steps)


def _moved(made: Moving, chance: random.Random) -> dict[str, float]:
    """Move under load, and compare everything; the seconds of each step."""
    made.commit(chance)
    made.proven()  # translations of 200 groups need a while, and the preflight does not wait for them
    with made.writing():
        made.more()
        taken = move(made)
    if problems := made.compare():
        raise AssertionError("; ".join(problems[:20]))
    return taken


def move(made: Moving) -> dict[str, float]:
    """Run the cutover; the seconds of each step from the fence to the promotion."""
    argv = [sys.executable, "-m", "mirror", "cutover", "--yes", "-o", "json", "-q"]
    ran = subprocess.run(
        [*argv, "--config-file", str(made.file)], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(f"the cutover ended with {ran.returncode}: {ran.stdout[-2000:]}{ran.stderr}")
    taken: dict[str, float] = {}
    last = 0.0
    for event in map(json.loads, ran.stdout.splitlines()):
        at = datetime.fromisoformat(event["at"]).timestamp()
        if event["event"] == "acting" and event["step"] == "fence":
            last = at
        elif last and event["event"] == "done" and event.get("step"):
            taken[event["step"]] = at - last
            last = at
    return taken


def by_mm2(made: Moving, world: World) -> float:
    """Fence, wait until MM2 has mirrored everything and synced the groups, stop; the seconds."""
    began = time.monotonic()
    _walk(StrimziFence(), world)
    _walk(ProveFence(), world)
    _walk(Drain(), world)
    last = last_records(made)
    while not synced(made, world, last):
        if time.monotonic() - began > _STEP_SECONDS:
            raise TimeoutError(f"MM2 has not synced the groups within {_STEP_SECONDS:.0f} s")
        time.sleep(0.5)
    _walk(Promote(), world)
    return time.monotonic() - began


def last_records(made: Moving) -> dict[TopicPartition, int]:
    """The offset of the last record of each partition on the target. The end of a log says nothing: in
    exactly-once mode it is behind the marker of a transaction, where MM2 puts no group.
    """
    return {
        TopicPartition(made.copy(stream), number): records[-1][0]
        for stream in made.streams
        for number, records in made.logs("west", stream).items()
        if records
    }


def synced(made: Moving, world: World, last: Mapping[TopicPartition, int]) -> bool:
    """Whether every group that has read everything has nothing left on the target. MM2 translates the offset
    of a group in the middle of a log to an earlier one, for which nobody can wait.
    """
    sides = world.sides()
    here = sides.source.group_offsets(list(made.groups))
    there = sides.target.group_offsets(list(made.groups))
    ends = _ends(sides.source, made)
    for group, stream in made.groups.items():
        committed: Any = here[group]
        moved: Any = there[group]
        for one, offset in committed.items():
            copy = TopicPartition(made.copy(stream), one.partition)
            if offset == ends[one] and moved.get(copy, -1) <= last.get(copy, -1):
                return False
    return True


def _ends(cluster: Any, made: Moving) -> dict[TopicPartition, int]:
    asked = [
        TopicPartition(stream.topics["source"], number)
        for stream in made.streams
        for number in range(made.partitions(stream))
    ]
    return {one: bounds.end for one, bounds in cluster.bounds(asked).items()}


def _walk(step: Step, world: World) -> None:
    began = time.monotonic()
    while (verdict := step.look(world)).state != "done":
        if verdict.state == "blocked" or time.monotonic() - began > _STEP_SECONDS:
            raise RuntimeError(f"{step.name}: {verdict.text}")
        if verdict.state == "todo":
            step.do(world, MemoryJournal())
        time.sleep(0.5)


def _show(what: str, ours: list[float], theirs: list[float], steps: dict[str, list[float]]) -> None:
    table = Table(title=f"{what}, 36 partitions, 4 groups, median of {len(ours)}", title_justify="left")
    for column in ("from the fence to the promotion", "seconds", "spread", "ratio"):
        table.add_column(column, justify="left" if column.startswith("from") else "right")
    reference = statistics.median(theirs)
    for name, taken in (("by MM2's own means (reference)", theirs), ("region-mirror cutover", ours)):
        middle = statistics.median(taken)
        spread = f"{min(taken):.1f} to {max(taken):.1f}"
        table.add_row(name, f"{middle:.1f}", spread, f"{middle / reference:.2f}")
    for step, taken in steps.items():
        table.add_row(
            f"  {step}", f"{statistics.median(taken):.1f}", f"{min(taken):.1f} to {max(taken):.1f}", ""
        )
    Console().print(table)


def _show_sizes(taken: Mapping[str, Mapping[str, list[float]]]) -> None:
    small, many = taken
    table = Table(title="from the fence to the promotion, medians", title_justify="left")
    for column in ("seconds", small, many, "ratio"):
        table.add_column(column, justify="left" if column == "seconds" else "right")
    rows = {step: [taken[size][step] for size in (small, many)] for step in taken[small]}
    rows["together"] = [
        [sum(one) for one in zip(*taken[size].values(), strict=True)] for size in (small, many)
    ]
    for step, (few, more) in rows.items():
        here, there = statistics.median(few), statistics.median(more)
        table.add_row(step, f"{here:.1f}", f"{there:.1f}", f"{there / here:.1f}" if here >= _LEAST else "")
    Console().print(table)
