"""No password, no private key in plain text in state, preview, logs, reports or process arguments."""

from __future__ import annotations

import psutil
import pytest

from lab import processes
from tests.lab.support.known_secrets import known_secrets, leaks, leaks_of_file
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack


@pytest.fixture(scope="module")
def known(mirror: Stack, regions: Regions) -> dict[str, str]:
    """All there is to look for."""
    return known_secrets(regions)


def test_the_state_holds_none(known: dict[str, str], mirror: Stack) -> None:
    assert leaks(known, mirror.state()) == []


def test_a_preview_of_everything_shows_none(known: dict[str, str], mirror: Stack) -> None:
    assert leaks(known, mirror.preview("--show-sames", "--show-reads").ok().output) == []


def test_the_report_shows_none(known: dict[str, str], mirror: Stack) -> None:
    assert leaks(known, mirror.verify().output + mirror.verify("--json").output) == []


def test_no_log_of_the_lab_holds_one(known: dict[str, str], regions: Regions) -> None:
    logs = sorted(regions.lab.logs.rglob("*.log*"))
    assert logs
    assert {log.name: leaks_of_file(known, log) for log in logs} == {log.name: [] for log in logs}


def test_no_process_has_one_in_its_arguments_or_environment(known: dict[str, str], regions: Regions) -> None:
    seen = 0
    for status in processes.statuses(regions.lab):
        if status.pid is not None:
            process = psutil.Process(status.pid)
            text = " ".join([*process.cmdline(), *process.environ().values()])
            assert leaks(known, text) == [], status.name
            seen += 1
    assert seen
