"""Twenty-six faults on plain, transactional and compacted topics: the audit finds and names each of them, and
reports nothing else; killed on its way, it goes on and says the same.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.lab.support import kafka, planting
from tests.lab.support.command import Ran, run
from tests.lab.support.kafka import Record
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.planting import Faulty, Found
from tests.lab.support.wait import until

BEGAN = int(time.time() * 1000) - 3_600_000
"""What is older than `retention.ms`, a week, would be removed at once."""
PLAIN, TRANSACTIONS, COMPACTED = "plain", "transactions", "compacted"


def record(number: int, key: str | None = "", value: str | None = "") -> Record:
    """One of a topic's records, all different."""
    return Record(
        -1,
        None if key is None else (key or f"k{number % 50}").encode(),
        None if value is None else (value or f"value {number} " + "x" * (number % 40)).encode(),
        BEGAN + number,
        (("trace", f"t{number}".encode()), ("empty", None)) if number % 2 else (),
    )


@dataclass
class Planted:
    """The stack of the mirror, stopped, and what was planted in the copies of its topics."""

    mirror: OwnMirror
    faults: dict[str, list[Found]]

    def audit(self, *arguments: str, state: Path) -> Ran:
        return run(self.argv(*arguments, state=state), cwd=self.mirror.stack.project, env=self.environment)

    def argv(self, *arguments: str, state: Path) -> list[str]:
        file = str(self.mirror.stack.file)
        return [
            sys.executable, "-m", "mirror", "audit", "--config-file", file, "--state", str(state), *arguments
        ]  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.mirror.stack.environment)


@pytest.fixture(scope="module")
def clean(regions: Regions) -> Iterator[OwnMirror]:
    """A mirror of three topics that has mirrored everything and is stopped."""
    east = regions.kafka("east")
    with own_mirror(regions, "audit") as mirror:
        planting.create(east, mirror.topic(PLAIN), {})
        planting.create(east, mirror.topic(TRANSACTIONS), {})
        planting.create(
            east, mirror.topic(COMPACTED), {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.99"}
        )
        planting.write(east, mirror.topic(PLAIN), [record(n) for n in range(8000)])
        for number in range(0, 600, 100):
            rows = [record(n) for n in range(number, number + 100)]
            planting.write(east, mirror.topic(TRANSACTIONS), rows, f"{mirror.name}-committing")
            aborted = [record(n, value=f"aborted {n}") for n in range(5)]
            planting.abort(east, mirror.topic(TRANSACTIONS), aborted, f"{mirror.name}-aborting")
        rows = [record(n, key=f"k{n % 20}", value=None if n % 9 == 8 else "") for n in range(400)]
        planting.write(east, mirror.topic(COMPACTED), rows)
        mirror.stack.up().ok()
        for topic, count in ((PLAIN, 8000), (TRANSACTIONS, 600), (COMPACTED, 400)):
            until(
                f"{topic} to be mirrored",
                lambda topic=topic, count=count: len(mirror.copied(topic)) >= count,  # type: ignore[misc]  # a lambda's default
                seconds=240,
                every=3,
            )

        def stopped(config: dict[str, Any]) -> None:
            config["mirror"]["state"] = "stopped"

        mirror.stack.configure(stopped)
        mirror.stack.up()
        yield mirror


@pytest.fixture(scope="module")
def planted(clean: OwnMirror, regions: Regions) -> Planted:
    """The same with faults in each copy."""
    east, west = regions.kafka("east"), regions.kafka("west")
    made = {topic: Faulty(kafka.read(east, clean.topic(topic))) for topic in (PLAIN, TRANSACTIONS, COMPACTED)}
    plain, transactions, compacted = made[PLAIN], made[TRANSACTIONS], made[COMPACTED]
    rows = plain.source
    plain.lose(0, 2)
    plain.lose(100)
    plain.double(200)
    plain.double(300, 6, later=90)
    plain.move(500, later=1)
    plain.move(600, later=700)
    headers = rows[701].headers
    plain.alter(701, "headers", replace(rows[701], headers=((headers[0][0], b"T701"), headers[1])))
    plain.alter(711, "headers", replace(rows[711], headers=rows[711].headers[:1]))
    plain.alter(721, "headers", replace(rows[721], headers=rows[721].headers[::-1]))
    plain.alter(801, "timestamp", replace(rows[801], timestamp=rows[801].timestamp + 1))
    plain.alter(811, "value", replace(rows[811], value=(rows[811].value or b"")[:-1] + b"!"))
    plain.alter(821, "key", replace(rows[821], key=b"K21"))
    plain.alter(831, "key", replace(rows[831], key=None))
    plain.alter(841, "value", replace(rows[841], value=b""))
    plain.add(900, record(1_000_000))
    plain.lose(2000, 4000)
    plain.lose(7990, 10)
    rows = transactions.source
    transactions.add(99, record(2, value="aborted 2"))
    transactions.lose(150, 3)
    transactions.double(250)
    transactions.alter(350, "value", replace(rows[350], value=None))
    transactions.add(599, record(1_000_001))
    rows = compacted.source
    compacted.lose(8)  # a tombstone, with later records of its key
    compacted.lose(100)  # superseded later: without a hole the cleaner was not there
    compacted.alter(197, "value", replace(rows[197], value=b"a tombstone no more"))
    compacted.lose(399)  # the last of its key
    for topic, faulty in made.items():
        planting.replace_copy(west, clean.copy(topic), faulty.rows())
    return Planted(clean, {topic: faulty.planted for topic, faulty in made.items()})


def findings(mirror: OwnMirror, file: Path) -> dict[str, list[Found]]:
    """What an audit wrote, by topic."""
    found: dict[str, list[Found]] = {}
    for line in file.read_text().splitlines():
        one = json.loads(line)
        first, last = one["source_offsets"]
        if one["kind"] == "alien" and one["target_offsets"][0] and last > first + 20:
            last = -1  # behind the last record
        suffix = one["topic"].removeprefix(f"{mirror.name}-")
        found.setdefault(suffix, []).append(
            (one["kind"], one["records"], (first, last), tuple(one.get("parts", ())))
        )
    return {topic: sorted(some) for topic, some in found.items()}


def test_a_mirror_without_faults_is_proven(clean: OwnMirror, tmp_path: Path) -> None:
    """Runs first: the copies are still MM2's."""
    ran = Planted(clean, {}).audit("--json", state=tmp_path)
    assert ran.code == 0, ran.output
    report = json.loads(ran.stdout)
    assert report["passed"]
    assert report["compared"] == 9000
    assert report["counts"] == {}
    assert report["excused"] == {}


def test_every_fault_is_found_and_nothing_else(planted: Planted, tmp_path: Path) -> None:
    file = tmp_path / "findings.jsonl"
    ran = planted.audit("--json", "--findings", str(file), state=tmp_path / "state")
    assert ran.code == 1, ran.output
    expected = {
        topic: sorted(
            (kind, count, (first, -1 if kind == "alien" and last == -1 else last), parts)
            for kind, count, (first, last), parts in some
        )
        for topic, some in planted.faults.items()
    }
    assert sum(map(len, expected.values())) == 26
    found = findings(planted.mirror, file)
    for topic in expected:
        aliens = {(one[2][0]) for one in expected[topic] if one[0] == "alien"}
        assert {one[2][0] for one in found[topic] if one[0] == "alien"} == aliens
        assert [one for one in found[topic] if one[0] != "alien"] == [
            one for one in expected[topic] if one[0] != "alien"
        ]
    report = json.loads(ran.stdout)
    for part in report["partitions"]:
        topic = part["topic"].removeprefix(f"{planted.mirror.name}-")
        assert sum(part["counts"].values()) == sum(one[1] for one in expected[topic])


def test_people_read_which_records_differ(planted: Planted, tmp_path: Path) -> None:
    ran = planted.audit("--topic", planted.mirror.topic(TRANSACTIONS), state=tmp_path)
    assert ran.code == 1
    assert "NOT PROVEN" in ran.stdout
    assert planted.mirror.copy(TRANSACTIONS) in ran.stdout
    assert "3 records lost: source offsets" in ran.stdout


def test_killed_on_its_way_it_goes_on_and_says_the_same(planted: Planted, tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    assert planted.audit("--findings", str(whole), state=tmp_path / "one").code == 1
    state = tmp_path / "two"
    argv = planted.argv("--lanes", "1", "--progress-json", state=state)
    with subprocess.Popen(
        argv, cwd=planted.mirror.stack.project, env=planted.environment, stderr=subprocess.DEVNULL
    ) as process:
        until("the audit's cut", lambda: list(state.glob("*/cut.json")), seconds=120, every=0.02)
        os.kill(process.pid, signal.SIGKILL)
    again = tmp_path / "again.jsonl"
    ran = planted.audit("--json", "--findings", str(again), state=state)
    assert ran.code == 1, ran.output
    assert json.loads(ran.stdout)["resumed"]
    assert again.read_text() == whole.read_text()


def test_slices_are_merged_into_the_same_report(planted: Planted, tmp_path: Path) -> None:
    files = []
    for number in range(2):
        ran = planted.audit("--json", "--partition-slice", f"{number}/2", state=tmp_path / "state")
        assert ran.code in (0, 1), ran.output  # the topics' names decide which slice has which
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(ran.stdout)
    stack = planted.mirror.stack
    argv = [sys.executable, "-m", "mirror", "audit", "merge", "--json"]
    merged = run([*argv, *map(str, files)], cwd=stack.project, env=planted.environment)
    assert merged.code == 1
    assert len(json.loads(merged.stdout)["partitions"]) == 3
    lacking = run([*argv, str(files[0])], cwd=stack.project, env=planted.environment)
    assert lacking.code == 2
    assert "missing: 1/2" in lacking.stderr
