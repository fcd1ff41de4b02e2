"""Reads the copied users of both sides, and gives copies Write where they lack it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.strimzi.kafka_user import copied_user
from mirror.cutover.connectors.change import change, ownership_patch
from mirror.cutover.step import World
from mirror.cutover.users.judge import lacks_write, writing_patch
from mirror.estate.findings import Notes
from mirror.estate.reading import origin_of
from mirror.estate.target_clients import copied_resources

KIND = "KafkaUser"


def without_write(world: World) -> dict[str, Mapping[str, Any]]:
    """Return the copies that may not write what the source's user may, with the `spec` that they ought to
    have. Empty where no user is copied, or the source's users cannot be read. Raises CouldNotRun.
    """
    settings = world.settings
    if not (settings.users.copy or settings.users.selector):
        return {}
    there = copied_resources(settings, world.target_kubernetes)
    notes = Notes()
    origin = origin_of(settings, world.root)
    origin.bootstrap_servers(notes)
    wanted = {one.name: copied_user(settings, one.name, one.spec)["spec"] for one in origin.users(notes)}
    return {
        name: wanted[name]
        for name, resource in there.items()
        if name in wanted and lacks_write(resource.get("spec") or {}, wanted[name])
    }


def let_write(world: World, users: Mapping[str, Mapping[str, Any]]) -> None:
    """Give these copies the ACLs of the source's users. Raises CouldNotRun."""
    kubernetes, namespace = world.target_kubernetes, world.settings.target.namespace
    for name, spec in users.items():
        change(
            kubernetes,
            lambda name=name: kubernetes.strimzi(KIND, namespace, name),  # type: ignore[misc]
            [lambda now, spec=spec: writing_patch(now, spec), ownership_patch],  # type: ignore[misc]
        )
