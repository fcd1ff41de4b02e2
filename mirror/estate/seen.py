"""What a program has read of a mirror's target, for the guards that judge it by the stack's state.

Pulumi runs a guard in a process of its own. The program has read the target a moment before, for its plan: a
guard that is told needs no Kubernetes client, which takes a third of that process's time in a preview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manifests.metadata import Owner
from mirror.estate.ownership import MIRROR_MAKER2, DeployedObject
from mirror.mm2.moved import contradictions
from settings.model import Settings
from settings.names import Names


@dataclass(frozen=True, slots=True)
class Seen:
    """One mirror on the target, as a program has read it."""

    there: tuple[tuple[str, Owner | None], ...]
    """What is deployed of it (kind, namespace and name), and the stack that it records as its owner: as
    `deployed_objects`."""
    cluster: str
    """As `kafka_id`."""
    contradicted: tuple[str, ...]
    """Why its phase or moved part must not be deployed."""
    nothing: bool
    """Whether neither the KafkaMirrorMaker2 nor the verifier's KafkaUser exists, without which nobody can log
    in to the target's Kafka."""

    @classmethod
    def of(
        cls,
        settings: Settings,
        kafka: Mapping[str, Any],
        mirror_maker2: Mapping[str, Any] | None,
        users: Mapping[str, Mapping[str, Any]],
    ) -> Seen:
        """Keep what the guards ask for. `kafka`: the target's Kafka resource. `mirror_maker2`: the deployed
        one. `users`: the KafkaUsers on the target by name.
        """
        names, mirror = Names.of(settings), settings.mirror
        where = f"{settings.target.namespace}/{names.mirror}"
        objects = objects_of(where, mirror_maker2, users.get(names.mirror))
        by_up = settings.cutover.by_up
        return cls(
            tuple((one.what, one.owner) for one in objects),
            kafka_id(kafka),
            contradictions(mirror.name, mirror.phase, mirror.moved, mirror_maker2, by_up=by_up),
            mirror_maker2 is None and names.verifier_user not in users,
        )

    def as_inputs(self) -> dict[str, Any]:
        """Render it for the inputs of a guard (`IdentityProvider`)."""
        return {
            "there": [{"what": what, "owner": owner and str(owner)} for what, owner in self.there],
            "cluster": self.cluster,
            "contradicted": list(self.contradicted),
        }


def objects_of(
    where: str, mirror_maker2: Mapping[str, Any] | None, user: Mapping[str, Any] | None
) -> list[DeployedObject]:
    """Return what is deployed of a mirror: its KafkaMirrorMaker2; where it does not exist, its KafkaUser if
    that records an owner. `where`: namespace and name of both.
    """
    if mirror_maker2 is not None:
        return [DeployedObject.of(MIRROR_MAKER2, where, mirror_maker2)]
    if user is None:
        return []
    found = DeployedObject.of("KafkaUser", where, user)
    # A user without a mirror may remain from an earlier version, which recorded no owner.
    return [found] if found.owner is not None else []


def kafka_id(kafka: Mapping[str, Any]) -> str:
    """Return what tells a Kafka from every other one: its cluster id, else the uid of its resource; empty
    where it has neither.
    """
    return str((kafka.get("status") or {}).get("clusterId") or (kafka.get("metadata") or {}).get("uid") or "")
