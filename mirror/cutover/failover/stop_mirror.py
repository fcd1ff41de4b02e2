"""The steps `stop-mirror` and `confirm-stop`: both connectors stop, and stay stopped when the source is back.

While the source is away, connectors and tasks say RUNNING, and the first record moves some tenths of a second
after it is back. So the resource declares them stopped, before anything else is changed.

Connect reports a connector as stopped only after MM2's scheduler has ended what it does (`Scheduler.close`),
and its request to a dead source ends after a minute (`default.api.timeout.ms`). Clients need not wait for
that: once the mirror's user may not write to mirrored topics any more (`fence_mirror`), or Connect has no
task of a connector left, nothing is copied. So the promotion goes on then, and the last step waits for the
rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from manifests.metadata import STATES_BEFORE
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR, ConnectorName
from mirror.cutover.connectors.change import change, ownership_patch, settle, states_patch
from mirror.cutover.connectors.judge import STOPPED, ConnectorState, stopping
from mirror.cutover.connectors.read import both_connectors
from mirror.cutover.failover import fence_mirror
from mirror.cutover.failover.scene import Scene
from mirror.cutover.phase import already_promoted, not_promoted
from mirror.cutover.step import Journal, Verdict, World
from mirror.cutover.steps.stop_sync import SETTLE_SECONDS, states_before
from mirror.problems import CouldNotRun
from mirror.text.names import few

BOTH: tuple[ConnectorName, ...] = (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR)
WHAT = "the mirror (both connectors)"
STOP_SECONDS = 120.0
CONFIRM_SECONDS = 300.0
ALONE_SECONDS = 1.0
"""So long the change of the declared state needs no reminder; the User Operator is faster, as a rule."""
_UNDO_SECONDS = 180.0
_BEFORE = "states"
UNCONFIRMED = (
    "if MM2's pods or the Cluster Operator do not run: keep them from starting (scale them to 0), then add "
    "--accept-unconfirmed-stop. The resource declares the connectors stopped in any case"
)


@dataclass(frozen=True, slots=True)
class StopMirror:
    """Stops both connectors: they must not start by themselves when the source is back."""

    scene: Scene
    name: str = "stop-mirror"
    patience: float = STOP_SECONDS
    lasting: bool = True

    def look(self, world: World) -> Verdict:
        """Whether the mirror copies nothing any more (`enough`). Raises CouldNotRun."""
        resource = world.resource()
        if promoted := already_promoted(resource):
            return promoted
        verdict = enough(world, resource, self.scene)
        if verdict.state == "waiting":
            verdict = replace(verdict, remedy=UNCONFIRMED)
        if verdict.state in ("todo", "waiting") and self._lacks_rules(world):
            user = world.names.mirror_user
            told = f"KafkaUser {user} loses Write on mirrored topics until Connect has confirmed the stop"
            # Still to do where a killed run, or a change of the ACLs since, has left the declaration only.
            return replace(verdict, state="todo", text=f"{verdict.text}; {told}")
        return verdict

    def _lacks_rules(self, world: World) -> bool:
        return self.scene.source().state == "silent" and fence_mirror.lacks_rules(world)

    def do(self, world: World, journal: Journal) -> None:
        """Declare both stopped, and give Strimzi some seconds to do it. Raises CouldNotRun."""
        self.scene.changed()
        resource = world.resource()
        # A cutover that was begun has noted the checkpoint connector only.
        before = {**_declared(world, resource), **states_before(resource)}
        journal.keep(self.name, _BEFORE, before)
        alias = world.settings.source.alias
        both: dict[ConnectorName, str] = {SOURCE_CONNECTOR: STOPPED, CHECKPOINT_CONNECTOR: STOPPED}
        change(
            world.target_kubernetes,
            world.resource,
            [
                lambda now: states_patch(
                    now, alias, both, {STATES_BEFORE: json.dumps({**before, **states_before(now)})}
                )
            ],
            resource,
        )
        if self.scene.source().state == "silent":
            # Without the rules it takes longer, and is as safe: Connect ends the tasks.
            with suppress(CouldNotRun):
                fence_mirror.fence(world)
        _wait(world, lambda now: enough(world, now, self.scene).state == "done", ALONE_SECONDS)

    def undo(self, world: World, journal: Journal) -> None:
        """Declare both as they were, and wait until Connect runs them so. Raises CouldNotRun."""
        self.scene.changed()
        not_promoted(world.resource())
        fence_mirror.unfence(world)  # a task that starts without Write fails
        resource = world.resource()
        kept = states_before(resource) or journal.kept(self.name, _BEFORE)
        states = both_connectors(world, resource)
        if not kept and not any(one.declared == STOPPED for one in states):
            return
        declared = world.settings.mirror.state
        before: dict[ConnectorName, str] = {name: (kept or {}).get(name) or declared for name in BOTH}
        alias = world.settings.source.alias
        change(
            world.target_kubernetes,
            world.resource,
            [
                lambda now: states_patch(not_promoted(now), alias, before, {STATES_BEFORE: None}),
                ownership_patch,
            ],
        )

        if not settle(
            world.target_kubernetes, world.resource, lambda now: _as_before(world, now, before), _UNDO_SECONDS
        ):
            raise CouldNotRun(
                "waiting for the mirror's connectors to be as before",
                f"Strimzi has not done it within {_UNDO_SECONDS:.0f} s",
                "look at the Cluster Operator's log and the status of the KafkaMirrorMaker2",
            )
        journal.forget(self.name, _BEFORE)


@dataclass(frozen=True, slots=True)
class ConfirmStop:
    """Waits until Connect reports both connectors as stopped. The last step: clients do not wait for it."""

    scene: Scene
    name: str = "confirm-stop"
    patience: float = CONFIRM_SECONDS
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Whether Connect reports both as stopped. Raises CouldNotRun."""
        return self._judge(world, world.resource())

    def _judge(self, world: World, resource: Mapping[str, Any]) -> Verdict:
        verdict = stopping(both_connectors(world, resource), WHAT)
        if verdict.state == "done" and fence_mirror.has_rules(world):
            text = f"{verdict.text}; its user may not write to mirrored topics yet"
            return replace(verdict, state="todo", text=text)
        if verdict.state != "waiting":
            return verdict
        if self.scene.options.accept_unconfirmed_stop:
            told = f"{verdict.text}: accepted"
            if fence_mirror.has_rules(world):
                told += f". KafkaUser {world.names.mirror_user} keeps its deny rules: run `failover` again "
                told += "without --accept-unconfirmed-stop to confirm the stop and remove them"
            return replace(verdict, state="done", text=told)
        # "todo", not "waiting": Strimzi asks Connect once in two minutes unless `do` makes it look again.
        return replace(verdict, state="todo", remedy=UNCONFIRMED)

    def do(self, world: World, journal: Journal) -> None:
        """Make Strimzi look again and again, for some seconds; then remove the rules. Raises CouldNotRun."""
        if _wait(world, lambda now: stopping(both_connectors(world, now), WHAT).state == "done"):
            fence_mirror.unfence(world)

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: it changes nothing."""


def enough(world: World, resource: Mapping[str, Any], scene: Scene) -> Verdict:
    """Whether both connectors have stopped far enough for a promotion.

    With a source that answers nobody, that is when the mirror's user may not write to mirrored topics any
    more, or when Connect has no task of the connectors left. With any other source Connect has to report them
    as stopped. `--accept-unconfirmed-stop` needs the declaration only.
    """
    states = both_connectors(world, resource)
    verdict = stopping(states, WHAT)
    if verdict.state != "waiting":
        return verdict
    ending = [one for one in states if one.declared is not None and not one.stopped]
    if scene.source().state == "silent" and (why := _copies_nothing(world, ending)):
        names = few([one.name for one in ending])
        text = f"{why}; Connect has yet to confirm the stop of {names}"
        return replace(verdict, state="done", text=text)
    if scene.options.accept_unconfirmed_stop:
        text = "both connectors are declared stopped, which is not confirmed by Connect: accepted"
        return replace(verdict, state="done", text=text)
    return verdict


def _copies_nothing(world: World, ending: Sequence[ConnectorState]) -> str:
    """Say why connectors that have not stopped copy nothing any more; empty where they still may."""
    if all(one.without_tasks for one in ending):
        return "no task of the mirror runs any more"
    try:
        fenced = fence_mirror.is_fenced(world)
    except CouldNotRun:
        return ""
    return "the mirror may not write to its topics any more" if fenced else ""


def _wait(world: World, done: Callable[[Mapping[str, Any]], bool], alone: float = 0.0) -> bool:
    return settle(world.target_kubernetes, world.resource, done, SETTLE_SECONDS, alone)


def _declared(world: World, resource: Mapping[str, Any]) -> dict[ConnectorName, str]:
    """Return how both are declared now; one that is stopped already is declared as in the stack file."""
    found: dict[ConnectorName, str] = {}
    for name, one in zip(BOTH, both_connectors(world, resource), strict=True):
        found[name] = one.declared if one.declared not in (None, STOPPED) else world.settings.mirror.state
    return found


def _as_before(world: World, now: Mapping[str, Any], before: Mapping[ConnectorName, str]) -> bool:
    states = zip(BOTH, both_connectors(world, now), strict=True)
    return all(one.is_in(before[name]) for name, one in states if one.declared is not None)
