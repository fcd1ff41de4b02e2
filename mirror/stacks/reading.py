"""Reads what is deployed of each stack: several stacks in parallel, each for a limited time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

from manifests.metadata import Owner
from manifests.strimzi.resource import read_mirror_maker2
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import one_login_each
from mirror.estate.deployed import DeployedResource
from mirror.estate.reading import read_estate
from mirror.mm2.phase import AT_REST, phase_of
from mirror.plan.assemble import plan_of
from mirror.plan.planned import SourceLook
from mirror.plan.reading import read_deployed_resources
from mirror.problems import CouldNotRun, Finding, NotThere
from mirror.stacks.drift import drift_of
from mirror.stacks.pulumi_state import verified_at
from mirror.stacks.rows import Live
from mirror.text.failures import reason_of
from mirror.verify.checks import connectors_running
from mirror.verify.published import published
from settings.model import Settings
from settings.names import Names

AT_ONCE = 4
"""Stacks that are read in parallel."""
_NOT_ASKED = "the source's Kafka is not read"


@dataclass(frozen=True, slots=True)
class ToRead:
    """The mirrors of one stack, and the folder where its relative paths start."""

    stack: str
    mirrors: tuple[Settings, ...]
    root: Path
    owner: Owner | None = None


Look = Callable[[ToRead, float], tuple[Live, ...]]


def read_all(stacks: Sequence[ToRead], seconds: float, look: Look | None = None) -> list[tuple[Live, ...]]:
    """Read every stack, `AT_ONCE` in parallel and each for `seconds` at most; one Live for each mirror.

    A stack that takes longer is unknown.
    """
    chosen = look or read_stack
    with one_login_each(), ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(lambda one: _bounded(one, seconds, chosen), stacks))


def _bounded(stack: ToRead, seconds: float, look: Look) -> tuple[Live, ...]:
    found: list[tuple[Live, ...]] = []

    def run() -> None:
        try:
            found.append(look(stack, seconds))
        except Exception as error:  # one stack must not hide the others
            found.append(_unknown(stack, reason_of(error)))

    # A daemon thread: a library that waits for a dead host cannot be interrupted.
    thread = threading.Thread(target=run, daemon=True, name=f"look at stack {stack.stack}")
    thread.start()
    thread.join(seconds)
    return found[0] if found else _unknown(stack, f"no answer within {seconds:g} s")


def _unknown(stack: ToRead, why: str) -> tuple[Live, ...]:
    return tuple(Live(unread=(why,)) for _ in stack.mirrors)


def read_stack(stack: ToRead, seconds: float) -> tuple[Live, ...]:
    """Read one stack: Pulumi's state while Kubernetes answers."""
    known = tuple(one.mirror.name for one in stack.mirrors)
    with ThreadPoolExecutor(max_workers=5) as pool:
        state = pool.submit(verified_at, stack.stack, stack.root, seconds)
        lives = list(pool.map(lambda one: read_mirror(one, stack.root, stack.owner, known), stack.mirrors))
    times, why = state.result()
    return tuple(
        _with_time(live, times.get(one.mirror.name, ""), why)
        for one, live in zip(stack.mirrors, lives, strict=True)
    )


def _with_time(live: Live, at: str, why: str) -> Live:
    """Add the time in Pulumi's state; a report in the cluster is newer or as old."""
    if live.verified or at:
        return replace(live, verified=max(live.verified, at))
    # That nobody verified a mirror that is not deployed needs no reason.
    return replace(live, unread=(*live.unread, why)) if why and live.deployed else live


def read_mirror(settings: Settings, root: Path, owner: Owner | None, known: Collection[str]) -> Live:
    """Read one mirror from the target's Kubernetes. A part that cannot be read is named in `unread`.

    `known`: names of all mirrors of the stack.
    """
    try:
        deployed = DeployedResource(settings, root)
        resource = deployed.read()
    except NotThere:
        return Live(deployed=False)
    except CouldNotRun as error:
        return Live(unread=(reason_of(error),))
    running = connectors_running.judge(resource, Names.of(settings), topics_match=False)
    # Also where the stack file does not say so yet: no finding may advise to start a promoted mirror again.
    at_rest = settings.mirror.connector_state != "running" or phase_of(resource) in AT_REST
    live = Live(
        deployed=True,
        version=str(read_mirror_maker2(resource).pods.get("version") or ""),
        # A mirror that is declared as stopped is not running, as its state says.
        findings=() if at_rest else running.findings,
    )
    return _with_drift(with_report(live, deployed.kubernetes, settings), settings, root, owner, known)


def with_report(live: Live, kubernetes: Kubernetes, settings: Settings) -> Live:
    """Add the newest report that a Job has left in the cluster. A report that cannot be read, and a Job that
    could not verify, are in `unread`: neither may leave a mirror as fine.
    """
    if settings.verification.runner != "job":
        return live
    try:
        newest = published(kubernetes, settings.target.namespace, Names.of(settings).verification)
    except NotThere:  # there is no ConfigMap before the first verification
        return live
    except CouldNotRun as error:
        return replace(live, unread=(*live.unread, f"the Job's report: {reason_of(error)}"))
    if newest.problem is not None:
        why = f"the newest Job could not verify: {reason_of(newest.problem)}"
        return replace(live, unread=(*live.unread, why))
    report = newest.report
    if report is None:
        return live
    failed = tuple(
        Finding(f"check {check.name}", check.summary, "see `verify`")
        for check in report.checks
        if not check.passed
    )
    if failed:
        return replace(live, findings=(*live.findings, *failed))
    return replace(live, verified=report.at.astimezone(UTC).isoformat(timespec="seconds"))


def _with_drift(
    live: Live, settings: Settings, root: Path, owner: Owner | None, known: Collection[str]
) -> Live:
    try:
        estate = read_estate(settings, root, owner)
    except CouldNotRun as error:
        return replace(live, unread=(*live.unread, f"drift: {reason_of(error)}"))
    there = read_deployed_resources(settings, estate, root, known)
    if there.unread:
        return replace(live, unread=(*live.unread, f"drift: {there.unread}"))
    look = SourceLook(topics_unknown=_NOT_ASKED, groups_unknown=_NOT_ASKED)
    return replace(live, drift=drift_of(plan_of(settings, estate, there, look, owner)))
