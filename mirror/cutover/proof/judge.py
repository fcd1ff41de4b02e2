"""Whether a fenced, drained mirror with moved groups may be promoted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mirror.cutover.proof.tails import LastRecords, TailDifference, compare
from mirror.cutover.step import State, Verdict
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.checks import connectors_running
from mirror.verify.report import CheckResult


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything that was seen. `stopped`: the connector that the cutover has stopped on purpose."""

    checks: Sequence[CheckResult]
    stopped: str
    tails: Sequence[LastRecords]
    compacted: Sequence[str]
    groups: Verdict


def judge(seen: Proof) -> Verdict:
    """`done` (PROVEN), or `waiting`: a check may fail while certificates, users or leaders change."""
    checks = [without_stopped(one, seen.stopped) for one in seen.checks]
    compared = [compare(one) for one in seen.tails]
    equal = sum(count for count, _ in compared)
    differences = [difference for _, difference in compared if difference is not None]
    failed = [one for one in checks if not one.passed]
    evidence = {
        "checks": {one.name: {"passed": one.passed, "summary": one.summary} for one in checks},
        "equal_records": equal,
        "compared_partitions": len(seen.tails),
        "compacted_topics": list(seen.compacted),
        "differences": {str(one.partition): one.reason for one in differences},
        "groups": seen.groups.text,
    }
    if differences:
        return Verdict("blocked", _differing(differences), _REMEDY, evidence, len(differences))
    if seen.groups.state != "done":
        state: State = "blocked" if seen.groups.state == "blocked" else "waiting"
        text = f"groups are not where they were moved to: {seen.groups.text}"
        remedy = seen.groups.remedy or "stop the clients that use the groups, and run the command again"
        return Verdict(state, text, remedy, evidence, seen.groups.remaining)
    if failed:
        findings = [(one.name, finding) for one in failed for finding in one.findings]
        shown = few([f"{name}: {one.subject}: {one.message}" for name, one in findings], between="; ")
        remedy = next((one.remedy for _, one in findings), "")
        text = f"not proven: {len(failed)} of {len(checks)} checks fail ({shown})"
        return Verdict("waiting", text, remedy, evidence, len(failed))
    text = (
        f"PROVEN: {counted(len(checks), 'check')} pass; the last {equal:,} records of "
        f"{counted(len(seen.tails), 'partition')} are the same on both sides, in number and order; "
        f"{seen.groups.text}"
    )
    return Verdict("done", text, evidence=evidence, remaining=0)


_REMEDY = (
    "do not promote: run `region-mirror audit`, which names every record that differs; `region-mirror "
    "cutover rollback` puts everything back"
)


def without_stopped(check: CheckResult, connector: str) -> CheckResult:
    """Return the check without its findings about a connector that was stopped on purpose."""
    if check.name != connectors_running.NAME:
        return check
    left = tuple(one for one in check.findings if one.subject != connector)
    if left == check.findings:
        return check
    summary = check.summary if left else "the source connector and its tasks are RUNNING"
    return replace(check, passed=not left, findings=left, summary=summary)


def _differing(differences: Sequence[TailDifference]) -> str:
    shown = few([f"{one.partition}: {one.reason}" for one in differences], between="; ")
    return f"the last records of {counted(len(differences), 'partition')} differ ({shown})"
