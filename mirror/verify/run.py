"""Verifies a mirror: evaluates all checks, and repeats that until all pass or the deadline is reached."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mirror.clients.records import TopicPartition
from mirror.mm2.phase import AT_REST
from mirror.problems import CouldNotRun, Finding, one_line
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.checks import records_match, topics_present
from mirror.verify.reading.look import Look, Session
from mirror.verify.register import BY_NAME, NAMES, reads_of
from mirror.verify.remedies import without_harm
from mirror.verify.report import CheckResult, Report
from settings.model import Settings

PAUSE_SECONDS = 2.0
# With a deadline: the time for which the first look may fail before the failure is raised. Secrets and users
# that were just declared may not be usable yet; waiting does not correct a wrong address.
GRACE_SECONDS = 15.0


def verify(
    settings: Settings,
    *,
    root: Path,
    deadline_seconds: float = 0,
    progress: Callable[[Report], None] | None = None,
    only: Collection[str] = frozenset(),
    seen: Callable[[Session], None] = lambda session: None,
) -> Report:
    """Return the report of the last look: the first one that passes, or the one at the deadline.

    `root` is the folder to which kubeconfig paths are relative; `only` names the checks to run (empty: all);
    `progress` gets the report of each look; `seen` gets the connections after the last one. Raises
    CouldNotRun if a look fails: after a short time if no look has succeeded yet, otherwise at the deadline (a
    restart of a broker or an API must not end a long wait).
    """
    names = checks_named(only)
    began = time.monotonic()
    deadline = began + deadline_seconds
    give_up = began + min(deadline_seconds, GRACE_SECONDS)
    looks = 0
    with ExitStack() as stack:
        session: Session | None = None
        while True:
            try:
                if session is None:
                    session = Session(settings, root, stack)
                looks += 1
                report = report_of(session, names, looks)
                give_up = deadline
            except CouldNotRun:
                if time.monotonic() + PAUSE_SECONDS > give_up:
                    raise
                # Open new connections: the credentials may have been renewed.
                stack.close()
                session = None
            else:
                if progress is not None:
                    progress(report)
                if report.passed or time.monotonic() + PAUSE_SECONDS > deadline:
                    seen(session)
                    return report
            time.sleep(PAUSE_SECONDS)


def checks_named(only: Collection[str]) -> tuple[str, ...]:
    """Return these checks, or all if none is named, in the register's order. Raises CouldNotRun."""
    if unknown := sorted(set(only) - set(NAMES)):
        raise CouldNotRun(
            "choosing the checks",
            f"there is no check {', '.join(unknown)}",
            f"choose from: {', '.join(NAMES)}",
        )
    return tuple(name for name in NAMES if not only or name in only)


def report_of(
    session: Session, names: Sequence[str], looks: int = 1, meanwhile: Callable[[], object] = lambda: None
) -> Report:
    """Look once, through the connections of the session. Raises CouldNotRun as `judge` does."""
    at, began = datetime.now(UTC), time.monotonic()
    results = judge(Look(session, reads_of(names)), names, meanwhile)
    return Report(
        session.names.mirror,
        session.settings.source.alias,
        session.settings.target.alias,
        at,
        time.monotonic() - began,
        results,
        looks,
    )


def judge(
    look: Look, names: Sequence[str], meanwhile: Callable[[], object] = lambda: None
) -> tuple[CheckResult, ...]:
    """Evaluate the named checks over one look, each in a thread of its own.

    `meanwhile` is called after every check but records-match, the longest one, which uses nothing from there
    on that only one thread may use. Raises CouldNotRun if a cluster or the resource cannot be read.
    """
    checks = [BY_NAME[name] for name in names]
    absent_reported = topics_present.CHECK in checks
    with ThreadPoolExecutor(max_workers=len(checks), thread_name_prefix="check") as pool:
        pending = {one: pool.submit(_guarded, one, look, absent_reported) for one in checks}
        wait([result for one, result in pending.items() if one.name != records_match.NAME])
        if look.ended is None:
            meanwhile()
        results = tuple(result.result() for result in pending.values())
    if look.ended is not None:
        raise look.ended
    return results


def _guarded(check: Check, look: Look, absent_reported: bool) -> CheckResult:
    began = time.monotonic()
    result = _judged(check, look, absent_reported)
    return replace(result, seconds=time.monotonic() - began)


def _judged(check: Check, look: Look, absent_reported: bool) -> CheckResult:
    """Evaluate one check. If that is not possible, it fails with the reason; other checks continue."""
    try:
        result = check.judge(look)
        if not result.passed and look.declared_state in AT_REST:
            harmless = (replace(one, remedy=without_harm(one.remedy)) for one in result.findings)
            result = replace(result, findings=tuple(harmless))
        if check.copies_only:
            result = _with_absent(result, look.topics.absent, absent_reported)
        if (check.copies_only or check.topics_only) and not absent_reported:
            result = _unless_nothing(result, topics_present.nothing_mirrored(look))
        return result
    except CouldNotRun as error:
        return CheckResult.could_not_judge(check.name, f"{error.tried}: {error.happened}", error.way_out)
    except Exception as error:
        reason = f"an error in the check itself ({type(error).__name__}: {one_line(error)})"
        return CheckResult.could_not_judge(check.name, reason, "report it as a bug of region-mirror")


def _unless_nothing(result: CheckResult, nothing: Finding | None) -> CheckResult:
    """A check that found nothing wrong has judged nothing where there is no topic; topics-present says so
    where it runs too.
    """
    if nothing is None:
        return result
    return CheckResult.of(result.name, result.summary, [*result.findings, nothing], result.facts)


def _with_absent(result: CheckResult, absent: Sequence[TopicPartition], reported: bool) -> CheckResult:
    """Add the partitions without a copy to the result. Each of their topics is a finding, unless
    topics-present runs too (`reported`).
    """
    if not absent:
        return result
    summary = f"{result.summary}; not checked: {counted(len(absent), 'partition')} that are not on the target"
    findings = list(result.findings)
    if not reported:
        findings += [
            Finding(
                topic,
                "it is missing on the target, or some of its partitions are",
                f"run the check {topics_present.NAME}",
            )
            for topic in sorted({one.topic for one in absent})
        ]
    return CheckResult.of(result.name, summary, findings, result.facts)
