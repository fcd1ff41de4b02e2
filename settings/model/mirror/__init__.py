"""Section `mirror`: one source-to-target flow. Its settings, in the order of the reference:

- `selection`: the mirror's name, topics, groups, and names on the target
- `tuning`: profile, tasks, exactly-once, offset syncs, replication factor, intervals
- `operation`: state, phase, first positions, topic configurations, restarts, heartbeats
- `identity`: Connect's group and topics, leftovers, ownership
- `overrides`: raw properties, and the no-loss rules that they may break
"""

from __future__ import annotations

from dataclasses import dataclass

from settings.model.mirror.identity import Identity
from settings.model.mirror.operation import Operation, Phase, State
from settings.model.mirror.overrides import Overrides, RawProperties
from settings.model.mirror.selection import ReplicationPolicy, Selection
from settings.model.mirror.tuning import OffsetSyncsLocation, Profile, Tuning

__all__ = [
    "MirrorSettings",
    "OffsetSyncsLocation",
    "Overrides",
    "Phase",
    "Profile",
    "ReplicationPolicy",
    "State",
]


# The bases are in reverse order: a dataclass has the fields of its last base first. No class here has slots,
# because Python combines no two bases that have slots.
@dataclass(frozen=True)
class MirrorSettings(RawProperties, Identity, Operation, Tuning, Selection):
    """One source-to-target flow.

    There is no setting for `sync.topic.acls.enabled`: it is always false, because Strimzi's User Operator
    would delete the ACLs that MM2 writes at its next reconciliation. KafkaUsers are copied instead, with
    their ACLs.
    """

    @property
    def connector_state(self) -> State:
        """State in which both connectors are declared: a promoted mirror is stopped for good."""
        return self.state if self.phase == "replicate" else "stopped"

    @property
    def declared_state(self) -> str:
        """For messages, what decides whether the connectors run: the phase once promoted, else the state."""
        return self.state if self.phase == "replicate" else self.phase
