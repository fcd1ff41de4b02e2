"""Guards a mirror against `pulumi destroy` while clients use the copied users or records are not mirrored.

`pulumi destroy` does not run the program, runs hooks of components too late, and deletes in parallel what
nothing depends on. So the guard is a resource that depends on everything else: Pulumi deletes it first, and
nothing else when that fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi

from components.kubernetes import child_of
from components.own_resource import DeploymentStoppedError, OwnProvider, own_resource, whole_numbers
from manifests.declaration import Declaration
from settings.load import dump, load
from settings.model import Settings

_KEPT = "mirrors"
_released: set[str] = set()
"""Mirrors that a guard has released in this process: the next guard of the same `pulumi destroy` must not
refuse what the first one allowed, when a part of the stack is already deleted."""


class DestroyRefusedError(DeploymentStoppedError):
    """The mirror must not be destroyed yet."""


class DestroyGuardProvider(OwnProvider):
    """Keeps what the question needs, and asks it when it is deleted, or when a mirror is removed."""

    kind = "DestroyGuard"
    failure = DestroyRefusedError

    def name_of(self, inputs: Mapping[str, Any]) -> str:
        """Return the resource's id: the names of its mirrors."""
        return ",".join(sorted(inputs[_KEPT]))

    def refusals(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
        """Refuse to remove a mirror from the stack file that must not be destroyed yet."""
        kept = olds.get(_KEPT) or {}
        removed = {name: kept[name] for name in kept if name not in news[_KEPT]}
        return _refusals(removed) if removed else ()

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether the question would be another one."""
        return bool(olds.get(_KEPT) != news.get(_KEPT))

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the inputs."""
        return {_KEPT: inputs[_KEPT]}

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Refuse while a mirror must not be destroyed."""
        with self._failures_shown():
            if reasons := _refusals(whole_numbers(_props[_KEPT])):
                raise DestroyRefusedError("\n".join(reasons))


class DestroyGuard(pulumi.ComponentResource):
    """Guards one mirror or all mirrors of a stack: everything that `opts` makes it depend on."""

    def __init__(
        self,
        name: str,
        mirrors: Iterable[tuple[Settings, Declaration]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("region-mirror:index:DestroyGuards", name, {}, opts)
        kept = {settings.mirror.name: _kept(settings, declaration) for settings, declaration in mirrors}
        own_resource(DestroyGuardProvider(), name, {_KEPT: kept}, (), child_of(self, opts))
        self.register_outputs({})


def _kept(settings: Settings, declaration: Declaration) -> dict[str, Any]:
    """Return what the guard reads when it is deleted. It holds addresses and names of Secrets, no secret."""
    return {
        "settings": dump(settings),
        "spec": declaration.mirror_maker2["spec"],
        "copied": [] if settings.users_remain else list(declaration.copied_users),
    }


def _refusals(mirrors: Mapping[str, Any]) -> list[str]:
    """Return why these mirrors must not be destroyed: one message for each mirror, all mirrors at once."""
    # Imported here because declaring the resource needs no Kafka client.
    from mirror.cutover.teardown.judge import overridden

    asked = {
        name: kept
        for name, kept in mirrors.items()
        if name not in _released and not overridden(os.environ, name)
    }
    with ThreadPoolExecutor(max_workers=8) as pool:
        reasons = [reason for reason in pool.map(_refusal, asked.values()) if reason]
    if not reasons:
        _released.update(mirrors)
    return reasons


def _refusal(kept: Mapping[str, Any]) -> str | None:
    from mirror.cutover.teardown.judge import refusal
    from mirror.cutover.teardown.read import read_use

    settings, copied = load(kept["settings"]), kept["copied"]
    return refusal(settings, copied, read_use(settings, kept["spec"], Path.cwd(), clients=bool(copied)))
