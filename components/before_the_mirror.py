"""What the resources that come before the KafkaMirrorMaker2 are told, in the terms of Pulumi's wire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.wire import whole_numbers
from manifests.declaration import Declaration
from mirror.mm2.identity import Identity
from settings.load import dump, load
from settings.model import Settings

IDENTITY = "identity"


def told(settings: Settings, declaration: Declaration) -> dict[str, Any]:
    """The inputs: who the mirror is, and how to log in before there is a resource to read that from."""
    return {
        IDENTITY: Identity.of(settings).as_text(),
        "settings": dump(settings),
        # Addresses and names of Secrets, no secret.
        "spec": declaration.mirror_maker2["spec"],
    }


def name_of(props: Mapping[str, Any]) -> str:
    """The mirror's name, which is the resource's id."""
    return str(props["settings"]["mirror"]["name"])


def heard(props: Mapping[str, Any]) -> tuple[Settings, dict[str, Any], Path]:
    """The same on the provider's side: settings, the resource to be, and where relative paths start."""
    return load(whole_numbers(props["settings"])), {"spec": props["spec"]}, Path.cwd()
