"""Judges the one look at the source: a failover must not be run by mistake against a healthy one. Pure."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.source_look import SourceSeen
from mirror.cutover.step import Verdict
from mirror.last_look.record import LastLook

RECENT_SECONDS = 120.0
"""A last look that is no older says that somebody has reached the source a short while ago."""


def judge_source(seen: SourceSeen, *, source_is_alive: bool) -> Verdict:
    """Whether a failover may go on. `source_is_alive`: the person knows, and has agreed to what it risks."""
    evidence = seen.to_json()
    if seen.state == "silent":
        return Verdict("done", f"the source does not answer: {seen.text}", evidence=evidence)
    if seen.state == "partly":
        return Verdict("done", f"the source answers only in part: {seen.text}", evidence=evidence)
    if source_is_alive:
        return Verdict("done", f"the source may be alive, which was accepted: {seen.text}", evidence=evidence)
    if seen.state == "healthy":
        return Verdict(
            "blocked",
            f"the source answers, and is healthy: {seen.text}",
            "move with `cutover`, which loses nothing. To fail over all the same, add --source-is-alive: "
            "producers that still write to the source then write records that the target never gets, and "
            "consumers may process records on both sides",
            evidence,
        )
    return Verdict(
        "blocked",
        f"it is not known whether the source is alive: {seen.text}",
        "make sure that nobody writes to the source any more, then add --source-is-alive",
        evidence,
    )


def with_rollback(verdict: Verdict, *, stopped: bool) -> Verdict:
    """Add to a refusal how the mirror starts again. `stopped`: a run before has stopped it, and was
    interrupted before the promotion. Pure.
    """
    if verdict.state != "blocked" or not stopped:
        return verdict
    told = "a run before has stopped the mirror, so nothing is mirrored: `failover rollback` starts it again"
    return replace(verdict, remedy=f"{told}. Then: {verdict.remedy}")


def with_others(
    verdict: Verdict, seen: SourceSeen, target: str, last: LastLook | None, now: float
) -> Verdict:
    """Add who else has seen a source that is silent here a short while ago. Pure.

    Often the operator's machine reaches the target only: its silence is no proof that the source is dead. Its
    clock may be behind that of who looked.
    """
    if seen.state != "silent" or last is None or not abs(now - last.at) < RECENT_SECONDS:
        return verdict
    again = f", and another one is due within {last.every:.0f} s" if last.every else ""
    since = max(0.0, now - last.at)
    told = (
        f"{verdict.text}; the last look ({last.by}) saw it {since:.0f} s ago{again}: if only this "
        f"machine cannot reach it, its producers go on writing records that {target} never gets"
    )
    return replace(verdict, text=told)
