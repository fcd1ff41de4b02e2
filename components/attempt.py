"""Counts the deployments of a mirror, so that one that failed is not forgotten.

The verification is recorded only when it passes. Without the count, a deployment that failed and was taken
back would be compared with the last success: the same declaration, so nothing would be verified, and the
mirror would count as proven whatever the failed one has left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pulumi

from components.own_resource import OwnProvider, own_resource
from settings.load import dump
from settings.model import Settings

_DECLARED = "declared"
_COUNT = "count"


class AttemptProvider(OwnProvider):
    """Counts up whenever something else is declared. It is made before everything that a mirror changes."""

    kind = "Attempt"

    def name_of(self, inputs: Mapping[str, Any]) -> str:
        """Return the resource's id: the mirror's name."""
        return str(inputs["mirror"])

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Compare what is declared."""
        return bool(olds.get(_DECLARED) != news[_DECLARED])

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Count up."""
        return {_DECLARED: inputs[_DECLARED], _COUNT: int(olds.get(_COUNT) or 0) + 1}


def attempts(name: str, settings: Settings, fingerprint: str, opts: pulumi.ResourceOptions) -> Any:
    """Declare the resource of a mirror. Its output `count` is the number of the deployment."""
    text = json.dumps([dump(settings), fingerprint], sort_keys=True)
    declared = hashlib.sha256(text.encode()).hexdigest()
    inputs = {"mirror": settings.mirror.name, _DECLARED: declared}
    return own_resource(AttemptProvider(), name, inputs, (_COUNT,), opts)
