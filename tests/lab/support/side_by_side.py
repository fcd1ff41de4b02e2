"""Several labs side by side: how many this machine can carry, where each is, and which file is run first.

Most tests wait most of the time, for a mirror or for a process, so that two labs on two cores take little
more time than one. Each process of pytest-xdist has a lab and a mirror of its own, and runs whole files.
"""

from __future__ import annotations

import os
from pathlib import Path

GIBIBYTE = 1024**3
MEMORY_OF_ONE_LAB = 4 * GIBIBYTE
"""A lab with its mirror takes 2.5 GiB, a test's own workers up to 1.5 GiB."""
MOST = 4
"""The longest file takes about a quarter of the time of all files: more labs would wait for it."""

LONGEST_FIRST = (
    "rights/test_each_right_is_needed.py",
    "test_benches_run.py",
    "test_cutover.py",
    "test_recover.py",
    "test_cutover_by_up.py",
    "test_the_way_home_in_parts.py",
    "test_failover.py",
    "test_cutover_switches_workloads.py",
    "test_cutover_groups.py",
    "test_verification_in_the_cluster.py",
    "test_yaml_program.py",
    "test_status_shows_the_mirror.py",
    "test_life_of_a_stack.py",
    "test_start_from.py",
    "test_native_reader.py",
    "test_identity_is_guarded.py",
    "test_sources_outside_kubernetes.py",
    "test_a_credential_by_reference.py",
    "test_an_existing_mirror_is_adopted.py",
    "test_three_sources_one_target.py",
    "test_leftovers_are_found.py",
)
"""The files that take longest, so that none of them is the last one when the other labs have nothing left."""


def labs_at_once(cores: int, available_bytes: int) -> int:
    """The number of labs for a machine: one per core, where the memory that is available suffices."""
    return max(1, min(cores, available_bytes // MEMORY_OF_ONE_LAB, MOST))


def place_in_order(file: str) -> int:
    """The sort key of a file, relative to tests/lab. Files that are not in LONGEST_FIRST keep their order."""
    return LONGEST_FIRST.index(file) if file in LONGEST_FIRST else len(LONGEST_FIRST)


def worker() -> str:
    """The name of this process of pytest-xdist, such as gw0; empty where pytest runs without it."""
    return os.environ.get("PYTEST_XDIST_WORKER", "")


def labs_running() -> int:
    """The number of labs that this run of pytest brings up."""
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def own_folder(folder: Path) -> Path:
    """The folder of this process's lab."""
    return folder.with_name(f"{folder.name}-{worker()}") if worker() else folder
