"""What is deployed on the targets of a stack's mirrors: as the program has read it, else read now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from manifests.metadata import Owner
from mirror.mm2.identity import Identity

if TYPE_CHECKING:
    from mirror.estate.ownership import DeployedObject

SEEN = "seen"
"""The input with what the program has read: `Seen.as_inputs` by mirror. It is true at this moment only."""

Sides = Mapping[str, Mapping[str, Any]]
"""How each mirror's target is reached."""
T = TypeVar("T")


def objects(
    identities: Mapping[str, Identity], sides: Sides, seen: Mapping[str, Any]
) -> dict[str, list[DeployedObject]]:
    """Return the objects of each mirror, as `deployed_objects`; those that the program has read are without
    their KafkaMirrorMaker2. Raises CouldNotRun.
    """

    def read(identity: Identity, side: Mapping[str, Any]) -> list[DeployedObject]:
        # Imported here, as below, because what was read already needs no Kubernetes client.
        from mirror.start.deployed import deployed_objects

        return deployed_objects(identity, side, Path.cwd())

    return {name: _told(one) for name, one in seen.items()} | _each(identities, sides, seen, read)


def cluster_ids(identities: Mapping[str, Identity], sides: Sides, seen: Mapping[str, Any]) -> dict[str, str]:
    """Return an id of the Kafka to which each target leads now; mirrors whose Kafka cannot be read are left
    out.
    """

    def read(identity: Identity, side: Mapping[str, Any]) -> str:
        from mirror.start.deployed import cluster_id

        return cluster_id(identity, side, Path.cwd()) if identity.target_cluster else ""

    found = {name: str(one["cluster"]) for name, one in seen.items()}
    return {name: one for name, one in (found | _each(identities, sides, seen, read)).items() if one}


def _each(
    identities: Mapping[str, Identity],
    sides: Sides,
    seen: Mapping[str, Any],
    read: Callable[[Identity, Mapping[str, Any]], T],
) -> dict[str, T]:
    """Read the mirrors that were not seen, in parallel."""
    unseen = [name for name in identities if name in sides and name not in seen]
    if not unseen:
        return {}
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = pool.map(lambda name: read(identities[name], sides[name]), unseen)
        return dict(zip(unseen, found, strict=True))


def _told(seen: Mapping[str, Any]) -> list[DeployedObject]:
    if not seen["there"]:
        return []
    from mirror.estate.ownership import DeployedObject

    # Pulumi passes no null on (findings/pulumi-drops-nulls-from-a-providers-inputs.sh): an object that
    # records no owner has no such key here.
    return [
        DeployedObject(one["what"], Owner.read(one["owner"]) if one.get("owner") else None)
        for one in seen["there"]
    ]
