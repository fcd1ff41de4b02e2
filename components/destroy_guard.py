"""Guards a mirror against `pulumi destroy` while clients use the copied users or records are not mirrored.

`pulumi destroy` does not run the program, runs hooks of components too late, and deletes in parallel what
nothing depends on. So the guard is a resource that depends on everything else: Pulumi deletes it first, and
nothing else when that fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

from components.another_target import side_of
from components.kubernetes import child_of
from components.own_resource import DeploymentStoppedError, OwnProvider, own_resource, whole_numbers
from manifests.metadata import Owner
from mirror.mm2.identity import Identity
from mirror.problems import CouldNotRun
from settings.load import dump, load
from settings.model import Settings

if TYPE_CHECKING:
    from manifests.declaration import Declaration

_KEPT = "mirrors"
_COPIED, _RETAINED = "copied", "retained"
_RENAMED = "renamed"
UNJUDGED = ""
"""The owner where another guard judges whose mirror it is."""
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
        """Refuse to remove a mirror from the stack file that must not be destroyed yet, or a user that a
        mirror has copied and clients use.

        A mirror that is renamed, or gets another namespace, is removed and added: the new one copies the
        waiting records, and a user that it copies there remains.
        """
        kept, declared = olds.get(_KEPT) or {}, news[_KEPT]
        left = {name for name in kept if name in declared and _place(kept[name]) == _place(declared[name])}
        added = [new for name, new in declared.items() if name not in left]
        removed = {name: _remainder(kept[name], declared, added) for name in kept if name not in left}
        asked = {name: one for name, one in removed.items() if one[_COPIED] or not one[_RENAMED]}
        yield from _refusals(asked) if asked else []
        yield from _refusals_of_users({name: _without_kept(kept[name], declared) for name in sorted(left)})

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
        owner: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("region-mirror:index:DestroyGuards", name, {}, opts)
        kept = {
            settings.mirror.name: _kept(settings, declaration, owner) for settings, declaration in mirrors
        }
        own_resource(DestroyGuardProvider(), name, {_KEPT: kept}, (), child_of(self, opts))
        self.register_outputs({})


def _kept(settings: Settings, declaration: Declaration, owner: pulumi.Input[str]) -> dict[str, Any]:
    """Return what the guard reads when it is deleted. It holds addresses and names of Secrets, no secret."""
    users = list(declaration.copied_users)
    return {
        "settings": dump(settings),
        "spec": declaration.mirror_maker2["spec"],
        "owner": owner,
        # The users that Pulumi would delete with the mirror, or would leave.
        **({_COPIED: [], _RETAINED: users} if settings.users_remain else {_COPIED: users}),
    }


def _refusals(mirrors: Mapping[str, Any]) -> list[str]:
    """Return why these mirrors must not be destroyed: one message for each mirror, all mirrors at once."""
    # Imported here because declaring the resource needs no Kafka client.
    from mirror.cutover.teardown.judge import overridden

    asked = {name: kept for name, kept in mirrors.items() if name not in _released}

    def ask(name: str) -> str | None:
        # The override is for a mirror in use. It does not delete another stack's mirror.
        if reason := _of_another_stack(asked[name]):
            return reason
        return None if overridden(os.environ, name) else _refusal(asked[name])

    with ThreadPoolExecutor(max_workers=8) as pool:
        reasons = [reason for reason in pool.map(ask, asked) if reason]
    if not reasons:
        _released.update(mirrors)
    return reasons


def _refusal(kept: Mapping[str, Any]) -> str | None:
    from mirror.cutover.teardown.judge import Waiting, refusal
    from mirror.cutover.teardown.read import read_use

    settings, copied = load(kept["settings"]), kept[_COPIED]
    use = read_use(settings, kept["spec"], Path.cwd(), clients=bool(copied))
    return refusal(settings, copied, replace(use, waiting=Waiting()) if kept.get(_RENAMED) else use)


def _refusals_of_users(mirrors: Mapping[str, Any]) -> list[str]:
    """Return why users that these mirrors no longer copy must not be deleted."""
    asked = {name: kept for name, kept in mirrors.items() if kept[_COPIED]}
    if not asked:
        return []
    # Imported here for the same reason: most previews remove no user.
    from mirror.cutover.teardown.judge import overridden
    from mirror.cutover.teardown.read import read_users
    from mirror.cutover.teardown.users import refusal_of_users

    reasons = []
    for name, kept in asked.items():
        if not overridden(os.environ, name):
            settings = load(kept["settings"])
            users, use = read_users(settings, kept["spec"], kept[_COPIED], Path.cwd())
            reasons.append(refusal_of_users(settings, users, use) if users else None)
    return [reason for reason in reasons if reason]


def _place(kept: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return where the objects of a mirror are, as far as Pulumi deletes them if it changes."""
    target = kept["settings"]["target"]
    return target["alias"], target["namespace"], target["cluster"]


def _without_kept(kept: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mirror without the users that a mirror of the stack copies to the same target from now on."""
    same_target = [one for one in declared.values() if _place(one) == _place(kept)]
    remaining = {user for one in same_target for user in (*one[_COPIED], *one.get(_RETAINED, ()))}
    return {**kept, _COPIED: [user for user in kept[_COPIED] if user not in remaining]}


def _remainder(
    kept: Mapping[str, Any], declared: Mapping[str, Any], added: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what removing a mirror deletes."""
    identity = Identity.of(load(kept["settings"]))
    renamed = any(identity.becomes(Identity.of(load(one["settings"]))) for one in added)
    return {**_without_kept(kept, declared), _RENAMED: renamed}


def _of_another_stack(kept: Mapping[str, Any]) -> str | None:
    """Return why the mirror must not be destroyed from this stack; None also where the target cannot be read,
    which `read_use` reports.
    """
    from mirror.estate.ownership import destroy_refusal
    from mirror.start.deployed import deployed_objects

    settings, recorded = load(kept["settings"]), kept.get("owner")
    if recorded == UNJUDGED:
        return None
    try:
        there = deployed_objects(Identity.of(settings), side_of(settings.target), Path.cwd())
    except CouldNotRun:
        return None
    mine = Owner.read(recorded) if recorded else None
    reasons = (destroy_refusal(settings.mirror.name, one, mine) for one in there)
    return next((reason for reason in reasons if reason), None)
