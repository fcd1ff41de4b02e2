"""The step `stop-sync`: stop MM2's checkpoint connector before groups' offsets are set (KAFKA-19794).

A running checkpoint task sets a group's offset on the target from what it knew an interval ago. The source
connector runs on until the promotion. Strimzi stops the connector, because the resource declares it
(`mirror.cutover.connectors.change`); the annotation on the resource says how it was before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manifests.metadata import STATES_BEFORE
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, ConnectorName
from mirror.cutover.connectors.change import change, ownership_patch, settle, states_patch
from mirror.cutover.connectors.judge import STOPPED, ConnectorState, connector_state, stopping
from mirror.cutover.phase import already_promoted, not_promoted
from mirror.cutover.step import Journal, Verdict, World
from mirror.cutover.target_kafka import no_answer

_BEFORE = "states"
SETTLE_SECONDS = 30.0
"""How long a change waits for Strimzi; after that `look` says what is missing."""
_UNDO_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class StopSync:
    """Declares the checkpoint connector stopped."""

    name: str = "stop-sync"
    patience: float = 300.0
    lasting: bool = True

    def look(self, world: World) -> Verdict:
        """Whether Connect has ended the connector and its tasks. Raises CouldNotRun."""
        resource = world.resource()
        return already_promoted(resource) or stopping([_state(world, resource)], "the checkpoint connector")

    def do(self, world: World, journal: Journal) -> None:
        """Declare it stopped, and give Strimzi some seconds to do it. Raises CouldNotRun."""
        before = states_before(world.resource()) or _declared(world)
        journal.keep(self.name, _BEFORE, before)
        alias = world.settings.source.alias
        change(
            world.target_kubernetes,
            world.resource,
            [
                lambda now: states_patch(
                    now,
                    alias,
                    {CHECKPOINT_CONNECTOR: STOPPED},
                    {STATES_BEFORE: json.dumps(states_before(now) or before)},
                )
            ],
        )
        settle(
            world.target_kubernetes,
            world.resource,
            lambda now: _state(world, now).stopped,
            SETTLE_SECONDS,
        )

    def undo(self, world: World, journal: Journal) -> str | None:
        """Declare it as it was, and wait until Connect runs it so; return where it does not. Raises
        CouldNotRun.

        Without annotation and journal it is declared as in the stack file. A connector that does not run
        loses no record, and must not keep the source fenced: without the target's Kafka it cannot, and
        nobody waits for it.
        """
        resource = world.resource()
        kept = states_before(resource) or journal.kept(self.name, _BEFORE)
        state = _state(world, resource)
        if not kept and state.declared != STOPPED:
            return None
        before = (kept or {}).get(CHECKPOINT_CONNECTOR) or world.settings.mirror.state
        alias = world.settings.source.alias
        change(
            world.target_kubernetes,
            world.resource,
            [
                # A failover that was begun has stopped the source connector, too.
                lambda now: states_patch(
                    not_promoted(now),
                    alias,
                    {**(kept or {}), CHECKPOINT_CONNECTOR: before},
                    {STATES_BEFORE: None},
                ),
                ownership_patch,
            ],
        )
        lost = no_answer(world)
        runs = settle(
            world.target_kubernetes,
            world.resource,
            lambda now: _state(world, now).is_in(before),
            0.0 if lost else _UNDO_SECONDS,
        )
        journal.forget(self.name, _BEFORE)
        late = f"{world.names.checkpoint_connector} is declared {before} again"
        if lost:
            return f"{late}: Strimzi starts it once this Kafka answers ({lost})"
        why = f"Strimzi has not done it within {_UNDO_SECONDS:.0f} s: look at the Cluster Operator's log"
        return None if runs else f"{late}; {why}"


def states_before(resource: Mapping[str, Any]) -> dict[ConnectorName, str]:
    """Return the declared states from before the cutover, as the annotation has them; empty without one."""
    text = ((resource.get("metadata") or {}).get("annotations") or {}).get(STATES_BEFORE)
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _declared(world: World) -> dict[ConnectorName, str]:
    state = _state(world, world.resource()).declared
    # A connector that somebody else has stopped before is declared as the stack file has it.
    return {CHECKPOINT_CONNECTOR: state if state not in (None, STOPPED) else world.settings.mirror.state}


def _state(world: World, resource: Mapping[str, Any]) -> ConnectorState:
    alias, name = world.settings.source.alias, world.names.checkpoint_connector
    return connector_state(resource, alias, CHECKPOINT_CONNECTOR, name)
