"""Records the owning stack on the objects of a mirror."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pulumi

from manifests.metadata import OWNER
from settings.model import MirrorSettings

if TYPE_CHECKING:
    from manifests.declaration import Declaration

FORCE = {"pulumi.com/patchForce": "true"}
"""Server-side apply refuses to change a field that another stack manages, unless it is forced."""


def owned(declaration: Declaration, owner: pulumi.Input[str], mirror: MirrorSettings) -> Declaration:
    """Return the declaration with the owner on each object. With `mirror.take_over`, the objects are taken
    over from the stack that manages them.
    """
    force = bool(mirror.take_over)
    changes = {
        field.name: _each(getattr(declaration, field.name), owner, force)
        for field in dataclasses.fields(declaration)
    }
    if mirror.phase == "retired":
        # The cutover has written `promoted` into the annotation of the phase and owns it, so that no other
        # `pulumi up` removes the mark of a promoted mirror.
        changes["mirror_maker2"] = owned_manifest(declaration.mirror_maker2, owner, force=True)
    return dataclasses.replace(declaration, **changes)


def owned_manifest(
    manifest: dict[str, Any], owner: pulumi.Input[str], *, force: bool = False
) -> dict[str, Any]:
    """Return the manifest with the owner in its annotations."""
    metadata = dict(manifest["metadata"])
    annotations = {**(metadata.get("annotations") or {}), OWNER: owner, **(FORCE if force else {})}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}


def _each(value: Any, owner: pulumi.Input[str], force: bool) -> Any:
    if isinstance(value, tuple):
        return tuple(_each(one, owner, force) for one in value)
    if isinstance(value, dict):
        if "metadata" in value:
            return owned_manifest(value, owner, force=force)
        return {key: _each(one, owner, force) for key, one in value.items()}
    return value
