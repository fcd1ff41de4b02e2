"""One lab and one deployed mirror for each process of pytest; a test that breaks something mends it again.

`make test` runs several processes side by side (`tests.lab.support.side_by_side`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab.layout import Lab
from lab.outside import Source
from lab.workload.installation import RATE_VARIABLE
from tests.lab.support import java, shared_mirror, side_by_side, time_left
from tests.lab.support.crash_safe import CrashSafe
from tests.lab.support.lab import Regions
from tests.lab.support.looks import LOOKS
from tests.lab.support.mirror_filters import Ask
from tests.lab.support.sources import running
from tests.lab.support.stack import CHECKOUT, Stack

KEEP = "REGION_MIRROR_KEEP_TEST_LAB"
"""Set it to leave the tests' lab running; the next run starts where this one ended."""


REBALANCE_DELAY_MS = "10000"
"""Only after that long is the work of a worker that went away given to another, or to the same one come back
(KIP-415).
"""

CALM_RATE = "10"
"""Records a second of the lab's production. Its usual 60 take a third of a core during every test, for the
brokers and the workers that copy them; no test needs so many.
"""

ELSEWHERE = "REGION_MIRROR_TEST_LAB"
"""Another folder for the tests' lab, so that two runs on one machine do not meet. With pytest-xdist the name
of the process is appended.
"""


EVERYTHING = "REGION_MIRROR_ALL_LAB_TESTS"
"""Set it to run the tests of the lists below, too."""

LEFT_OUT = {
    "not_seen_yet.txt": f"not seen to pass yet; set {EVERYTHING}=1",
    "too_long_for_every_run.txt": f"takes minutes; set {EVERYTHING}=1",
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> CrashSafe | None:
    """Let a run go on after a crash; None leaves the choice to pytest-xdist."""
    return CrashSafe(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_xdist_auto_num_workers() -> int:
    """The number of processes for `-n auto`; each brings up a lab."""
    asked = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")
    available = psutil.virtual_memory().available
    return int(asked) if asked else side_by_side.labs_at_once(os.cpu_count() or 1, available)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests below this folder as tests that need the lab, skip what a list names, and put the
    longest files first. The order within a file stays.
    """
    here = Path(__file__).parent
    why: dict[str, str] = {}
    for file, reason in LEFT_OUT.items():
        lines = [] if os.environ.get(EVERYTHING) else (here / file).read_text().splitlines()
        why |= {line: reason for line in lines if line[:1] not in ("", "#")}
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.lab)
            file = _file(item)
            names = (file, f"{file}::{getattr(item, 'originalname', item.name)}", f"{file}::{item.name}")
            if reason := next(filter(None, map(why.get, names)), ""):
                item.add_marker(pytest.mark.skip(reason=reason))
    items.sort(key=lambda item: side_by_side.place_in_order(_file(item)))


def _file(item: pytest.Item) -> str:
    """The item's file, relative to this folder."""
    return os.path.relpath(item.path, Path(__file__).parent)


@pytest.fixture(scope="session")
def aloud(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Run a long command with its progress visible, which pytest would hide.

    A process of pytest-xdist has no standard output: there, each line goes to standard error behind its name.
    """
    capture = request.config.pluginmanager.getplugin("capturemanager")
    name = side_by_side.worker()

    def command(*argv: str, env: dict[str, str]) -> None:
        with capture.global_and_fixture_disabled():
            if not name:
                print(f"\n$ {' '.join(argv)}", flush=True)
                subprocess.run(argv, cwd=CHECKOUT, env=env, check=True)
                return
            print(f"[{name}] $ {' '.join(argv)}", file=sys.stderr, flush=True)
            with subprocess.Popen(
                argv, cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process:
                for line in process.stdout or ():
                    print(f"[{name}] {line.rstrip()}", file=sys.stderr, flush=True)
            if process.returncode:
                raise subprocess.CalledProcessError(process.returncode, argv)

    return command


@pytest.fixture(scope="session")
def regions(aloud: Callable[..., None]) -> Iterator[Regions]:
    """This process's own lab: beside a lab that a person may have up, never the same."""
    os.environ.setdefault(RATE_VARIABLE, CALM_RATE)
    lab = Lab(side_by_side.own_folder(Path(os.environ.get(ELSEWHERE, CHECKOUT / ".lab-test"))))
    env = {**os.environ, "REGION_MIRROR_LAB": str(lab.root)}
    kept = os.environ.get(KEEP)
    aloud(sys.executable, "-m", "lab", "up", *(() if kept else ("--while", str(os.getpid()))), env=env)
    yield Regions(lab)
    LOOKS.leave()
    if not kept:
        aloud(sys.executable, "-m", "lab", "down", env=env)


@pytest.fixture(scope="session")
def mirror(regions: Regions) -> Stack:
    """The lab's mirror, deployed once by a real `pulumi up` and proven by it."""
    stack = Stack.create(regions.lab.root / "project", regions.lab.root, "lab", regions.pulumi_environment())

    def with_scratch_topics(config: dict[str, Any]) -> None:
        if "scratch-.*" not in config["mirror"]["topics"]:
            config["mirror"]["topics"].append("scratch-.*")
        config["mirror"].update(
            {
                "tasks_max": 2,  # each restarts at a new scratch topic
                "refresh_topics_interval_seconds": 4,
                "refresh_groups_interval_seconds": 4,
                "sync_group_offsets_interval_seconds": 3,
                "emit_checkpoints_interval_seconds": 3,
                # A rolled worker's tasks would lie still for the profile's minute.
                "config": {"worker": {"scheduled.rebalance.max.delay.ms": REBALANCE_DELAY_MS}},
            }
        )
        # Several labs on a small machine: the first copy takes its time.
        config["verification"]["deadline_seconds"] = 900

    stack.configure(with_scratch_topics)
    stack.up().ok()
    return stack


@pytest.fixture(scope="module")
def north(regions: Regions) -> Iterator[Source]:
    """A source outside Kubernetes with PLAIN and SCRAM over TLS, for one file of tests."""
    with running(regions, "north") as source:
        yield source


@pytest.fixture(scope="module")
def south(regions: Regions) -> Iterator[Source]:
    """A source outside Kubernetes with client certificates, for one file of tests."""
    with running(regions, "south") as source:
        yield source


@pytest.fixture(scope="session")
def mirror_filters(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """MM2's own filters and replication policies, which answer a line for a line."""
    class_path = java.compiled("MirrorFilters", tmp_path_factory.mktemp("java"))
    return lambda lines: java.answers(class_path, "org.apache.kafka.connect.mirror.MirrorFilters", lines)


_JUST_PROVEN = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Give the test no more time than this run has: pytest-timeout reads the first marker."""
    marker = item.get_closest_marker("timeout")
    own = float(marker.args[0] if marker else item.config.getini("timeout"))
    limit = time_left.limit_seconds(own, time.monotonic(), _end_by())
    item.add_marker(pytest.mark.timeout(limit), append=False)
    return (yield)


def _end_by() -> float:
    return float(os.environ.get(time_left.END_BY, "inf"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what would not end in time. Without fixture `proven` a test may leave the mirror as it likes."""
    if not time_left.may_start(time.monotonic(), _end_by()):
        pytest.skip(f"no time left for it before {time_left.END_BY}")
    if "proven" not in getattr(item, "fixturenames", ()):
        item.session.stash[_JUST_PROVEN] = False


@pytest.fixture
def proven(mirror: Stack, regions: Regions, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The mirror, proven before the test and proven again after it: what a test broke it has mended.

    What the test before has just left proven is not looked at again: a look takes seconds.
    """
    stash = request.session.stash
    if not stash.get(_JUST_PROVEN, False):
        shared_mirror.wait_until_proven(mirror, regions, "before the test")
    stash[_JUST_PROVEN] = False
    yield mirror
    shared_mirror.wait_until_proven(mirror, regions, "after the test")
    stash[_JUST_PROVEN] = True
