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
WORKERS = "west-kafka-east-to-west-mirrormaker2-"
BROKERS = ("east-kafka", "west-kafka")
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

    seconds = PATIENCE_SECONDS if _waited_in_vain <= 2 else SHORT_PATIENCE_SECONDS
    try:
        until(f"a proven mirror {when}", is_proven, seconds=seconds, every=2)
        _waited_in_vain = 0
    except AssertionError as late:
        _waited_in_vain += 1
        lines = [
            f"{late}; failed checks: {', '.join(sorted(failed))}",
            *(f"{name}: {line}" for name in regions.running(WORKERS) for line in _complaints(regions, name)),
            LOOKS.findings,
            f"and a process of its own:\n{mirror.verify().output}",
        ]
        if _waited_in_vain <= 2:
            brokers = BROKERS if _waited_in_vain == 2 else ()
            for name in (*brokers, *regions.running(WORKERS)):
                regions.kill(name)
        raise AssertionError("\n".join(lines)) from late


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
