"""All mirrors of one stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi_kubernetes as kubernetes

from components.kubernetes import target_provider
from components.region_mirror import RegionMirror
from manifests.estate import Estate
from settings.model import Settings, TargetSettings


def declare(mirrors: Sequence[tuple[Settings, Estate]]) -> dict[str, Any]:
    """Declare each mirror, and return the stack's outputs: those of the mirror or, of several, one entry each
    under `mirrors`.
    """
    providers = _Providers()
    outputs: dict[str, Mapping[str, Any]] = {}
    for settings, estate in mirrors:
        name = settings.mirror.name
        outputs[name] = RegionMirror(name, settings, estate, provider=providers.of(settings.target)).outputs
    if len(outputs) == 1:
        (only,) = outputs.values()
        return dict(only)
    return {"mirrors": outputs}


class _Providers:
    """One provider for each Kubernetes that mirrors are declared in, named after the first target there."""

    def __init__(self) -> None:
        self._made: dict[tuple[str | None, str | None], kubernetes.Provider] = {}

    def of(self, target: TargetSettings) -> kubernetes.Provider:
        where = (target.kubeconfig, target.context)
        if where not in self._made:
            self._made[where] = target_provider(target.alias, target.kubeconfig, target.context)
        return self._made[where]
