"""The inputs of the resources that are made before the KafkaMirrorMaker2 exists."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mirror.mm2.identity import Identity
from settings.load import dump, load
from settings.model import Settings

if TYPE_CHECKING:
    from manifests.declaration import Declaration

IDENTITY = "identity"


def deployment_inputs(settings: Settings, declaration: Declaration) -> dict[str, Any]:
    """Return the mirror's identity, its settings, and the spec of the KafkaMirrorMaker2 to be.

    The spec says how to log in before the resource exists. It holds addresses and names of Secrets, no
    secret.
    """
    return {
        IDENTITY: Identity.of(settings).as_text(),
        "settings": dump(settings),
        "spec": declaration.mirror_maker2["spec"],
    }


def read_inputs(inputs: Mapping[str, Any]) -> tuple[Settings, dict[str, Any], Path]:
    """Read them back on the provider's side: the settings, the KafkaMirrorMaker2 to be, and the folder at
    which relative paths start.
    """
    return load(inputs["settings"]), {"spec": inputs["spec"]}, Path.cwd()
