"""The mirror that most tests of a process share, and what is done where a test leaves it behind broken.

One broken mirror must fail one test, not each that comes after it: CI gives up after a dozen failures. Its
workers are then killed, as an on-call engineer would restart them, and if that does not help the brokers,
too. The failure says what the workers logged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.lab.support.lab import Regions
from tests.lab.support.looks import LOOKS
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

PATIENCE_SECONDS = 180.0
"""For a worker that was killed or rolled to be back with its work, on a machine that is slow."""
SHORT_PATIENCE_SECONDS = 20.0
"""For a mirror that no restart has helped: a broken lab must not use up the time of a run."""
NAME = "east-to-west"
WORKERS = f"west-kafka-{NAME}-mirrormaker2-"
RESTARTS = ((), ("east-kafka", "west-kafka"))
"""What is killed beside the workers, the first and the second time that the mirror was waited for in vain."""
MOST_LINES = 6

_waited_in_vain = 0
"""How often, one after the other, this process has waited for the mirror in vain."""


def wait_until_proven(mirror: Stack, regions: Regions, when: str) -> None:
    """Raise AssertionError with the failed checks, the workers' last complaints and the last report when the
    mirror does not get there in time. Its workers, or all, are killed then, for the tests that follow.
    """
    global _waited_in_vain
    failed: set[str] = set()

    def is_proven() -> bool:
        nonlocal failed
        failed = mirror.failed_checks()
        return not failed

    what = f"a proven mirror {when}"
    try:
        try:
            until(what, is_proven, seconds=_patience(), every=2)
        except AssertionError:
            if not restarted_as_told(regions):
                raise
            until(f"{what}, restarted as its findings say", is_proven, seconds=60, every=2)
    except AssertionError as late:
        _waited_in_vain += 1
        said = _said(mirror, regions, f"{late}; failed checks: {', '.join(sorted(failed))}")
        _kill(regions)
        raise AssertionError(said) from late
    _waited_in_vain = 0


def _patience() -> float:
    return PATIENCE_SECONDS if _waited_in_vain <= len(RESTARTS) else SHORT_PATIENCE_SECONDS


def _said(mirror: Stack, regions: Regions, late: str) -> str:
    complaints = (
        f"{name}: {line}" for name in regions.running(WORKERS) for line in _complaints(regions, name)
    )
    own = f"and a process of its own:\n{mirror.verify().output}"
    return "\n".join([late, *complaints, LOOKS.findings, own])


def _kill(regions: Regions) -> None:
    """What has not been killed yet, one time after the other."""
    if _waited_in_vain <= len(RESTARTS):
        for name in (*RESTARTS[_waited_in_vain - 1], *regions.running(WORKERS)):
            regions.kill(name)


def restarted_as_told(regions: Regions) -> bool:
    """Restart the connectors that Connect calls UNASSIGNED, by the commands of the findings. A worker that
    lost one may write so after the one that runs it has written RUNNING. Only a restart corrects that.
    """
    told = [one.remedy for _, one in LOOKS.found if "UNASSIGNED" in one.message]
    restarts = [match for one in told if (match := re.search(r"(strimzi\.io/restart-[a-z-]+)=([^']+)'", one))]
    for match in restarts:
        regions.annotate_mirror(NAME, match[1], match[2])
    return bool(restarts)


def _complaints(regions: Regions, process: str) -> list[str]:
    return last_complaints(regions.lab.log(process).read_text(errors="replace").splitlines())


def last_complaints(log: Iterable[str]) -> list[str]:
    """The last kinds of warnings and errors of a worker's log, with how often it has logged each. Pure."""
    kinds: dict[str, tuple[int, str]] = {}
    for line in log:
        if re.search(r" (WARN|ERROR) ", line):
            kind = re.sub(r"\d+", "N", line)
            times, _ = kinds.pop(kind, (0, ""))
            kinds[kind] = times + 1, line
    return [f"{times} x {line[:300]}" for times, line in list(kinds.values())[-MOST_LINES:]]
