"""Objects for monitoring and verification that a deployment creates, changes or deletes, and objects that
somebody deleted. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from manifests.declaration import Declaration
from manifests.metadata import DECLARED
from mirror.plan.planned import DeletedObject, DeployedResources, ObjectChange


def object_changes(declared: Declaration, deployed: DeployedResources) -> Iterator[ObjectChange]:
    """Compare the objects by the digest of their manifest; none of a kind that could not be read. An object
    without a digest is none of the stack's: a command wrote it, such as the journal of a cutover.
    """
    wanted = {
        f"{one['kind']} {one['metadata']['name']}": one["metadata"]["annotations"][DECLARED]
        for one in declared.beside_the_mirror
    }
    for key in sorted({*wanted, *deployed.objects}):
        kind, name = key.split(" ", 1)
        if kind in deployed.objects_unread:
            continue
        if key not in deployed.objects:
            yield ObjectChange(kind, name, "appears")
        elif key not in wanted:
            if deployed.objects[key]:
                yield ObjectChange(kind, name, "goes")
        elif deployed.objects[key] != wanted[key]:
            yield ObjectChange(kind, name, "changes")


def unread_objects(declared: Declaration, deployed: DeployedResources) -> Iterator[str]:
    """Say of which declared kinds it is not known whether they change."""
    kinds = {one["kind"] for one in declared.beside_the_mirror}
    for kind, why in sorted(deployed.objects_unread.items()):
        if kind in kinds:
            yield f"Whether a {kind} changes is unknown: {why}"


def deleted_outside(declared: Declaration, deployed: DeployedResources) -> Iterator[DeletedObject]:
    """Find the objects of the deployed mirror that somebody deleted. Pulumi compares with its state, in which
    they still exist.
    """
    spec = json.dumps((deployed.mirror_maker2 or {}).get("spec") or {})
    there, users = deployed.secrets, deployed.kafka_users
    used = [one for one in (declared.source_user, declared.source_ca) if one is not None]
    names = [one["metadata"]["name"] for one in used]
    secrets = [name for name in names if json.dumps(name) in spec]
    secrets += [one["metadata"]["name"] for user, one in declared.passwords.items() if user in users]
    own = [one["metadata"]["name"] for one in (declared.mirror_user, declared.verifier_user)]
    yield from (DeletedObject("Secret", name) for name in dict.fromkeys(secrets) if name not in there)
    yield from (DeletedObject("KafkaUser", name) for name in own if name not in users)
