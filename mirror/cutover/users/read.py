"""Reads the copied users of both sides, and gives copies Write where they lack it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from manifests.strimzi.kafka_user import copied_user
from mirror.cutover.connectors.change import change, ownership_patch
from mirror.cutover.step import Verdict, World
from mirror.cutover.users.judge import lacks_write, without_standby, writing_patch
from mirror.estate.findings import Notes
from mirror.estate.reading import origin_of
from mirror.estate.target_clients import copied_resources, unready
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import CouldNotConnect
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.model import Settings

KIND = "KafkaUser"
_AT_ONCE = 4
"""Copied users that are changed side by side: their producers wait."""


def without_write(world: World, after: Settings | None = None) -> dict[str, Mapping[str, Any]]:
    """Return the copies that may not write what the source's user may, with the `spec` that they ought to
    have. Where the source's user cannot be read, that is the copy without the rules of a standby. `after`:
    the settings by which copies may write, those of a promoted mirror by default. Raises CouldNotRun.
    """
    settings = world.settings
    if not (settings.users.copy or settings.users.selector):
        return {}
    there = _copies(world)
    promoted = after or settings.in_phase("promoted")
    try:
        notes = Notes()
        origin = origin_of(settings, world.root)
        origin.bootstrap_servers(notes)
        wanted = {one.name: copied_user(promoted, one.name, one.spec)["spec"] for one in origin.users(notes)}
    except CouldNotConnect:
        if phase_of(world.resource()) == REPLICATE:
            raise
        wanted = {}  # after a failover the source may be gone for ever
    ought = {name: wanted.get(name) or without_standby(settings, spec) for name, spec in there.items()}
    return {name: ought[name] for name, spec in there.items() if lacks_write(spec, ought[name])}


def read_only_copies(world: World) -> dict[str, Mapping[str, Any]]:
    """Return the copies that have the rules of a standby, with the `spec` without these rules. Reads nothing
    of the source. Raises CouldNotRun.
    """
    there = _copies(world)
    ought = {name: without_standby(world.settings, spec) for name, spec in there.items()}
    return {name: ought[name] for name, spec in there.items() if lacks_write(spec, ought[name])}


def _copies(world: World) -> dict[str, Mapping[str, Any]]:
    """Return the `spec` of each copied user on the target."""
    resources = copied_resources(world.settings, world.target_kubernetes)
    return {name: resource.get("spec") or {} for name, resource in resources.items()}


def let_write(world: World, users: Mapping[str, Mapping[str, Any]]) -> None:
    """Give these copies the ACLs of the source's users. Raises CouldNotRun."""
    kubernetes, namespace = world.target_kubernetes, world.settings.target.namespace

    def let(name: str, spec: Mapping[str, Any]) -> None:
        change(
            kubernetes,
            lambda: kubernetes.strimzi(KIND, namespace, name),
            [lambda now: writing_patch(now, spec), ownership_patch],
        )

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="copied users") as pool:
        waiting = [pool.submit(let, name, spec) for name, spec in users.items()]
    for one in waiting:
        one.result()


def not_applied(world: World) -> dict[str, str]:
    """Return the copies whose ACLs the target's User Operator has not set yet, with the reason. Raises
    CouldNotRun.
    """
    there = copied_resources(world.settings, world.target_kubernetes)
    return {name: reason for name, one in sorted(there.items()) if (reason := unready(one))}


def applying(world: World) -> Verdict | None:
    """Return the verdict while the target's User Operator has not let all copies write yet; None once it has.
    Raises CouldNotRun.
    """
    if not (late := not_applied(world)):
        return None
    told = few([f"{name}: {reason}" for name, reason in late.items()], between="; ")
    return Verdict(
        "waiting",
        f"the User Operator has not let {counted(len(late), 'copied user')} write yet ({told})",
        "look at the status of these KafkaUsers and at the log of the target's User Operator",
        remaining=len(late),
    )
