"""All mirrors of one stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from components.destroy_guard import DestroyGuard
from components.identity import MirrorIdentities
from components.kubernetes import target_provider
from components.region_mirror import RegionMirror
from manifests.estate import Estate
from mirror.plan.planned import Plan
from settings.model import Settings, TargetSettings

if TYPE_CHECKING:
    import pulumi_kubernetes as kubernetes


def declare(mirrors: Sequence[tuple[Settings, Estate]], plans: Sequence[Plan]) -> dict[str, Any]:
    """Declare each mirror, and return the stack's outputs: those of the mirror or, of several, one entry each
    under `mirrors`. `plans` say what it means, mirror by mirror.
    """
    providers = _Providers()
    identities = MirrorIdentities(
        "identities",
        [settings for settings, _ in mirrors],
        cuts_over=True,
        contradicted=[reason for plan in plans for reason in plan.contradicted],
        seen={plan.mirror: plan.seen for plan in plans if plan.seen is not None},
    )
    outputs: dict[str, Mapping[str, Any]] = {}
    made: list[RegionMirror] = []
    for (settings, estate), plan in zip(mirrors, plans, strict=True):
        name = settings.mirror.name
        mirror = RegionMirror(
            name,
            settings,
            estate,
            # Not even the component is registered before the names are found to be what they were.
            pulumi.ResourceOptions(depends_on=[identities]),
            provider=providers.of(settings.target),
            identities=identities,
            plan=plan,
        )
        outputs[name] = mirror.outputs
        made.append(mirror)
    # One for all mirrors: a refusal for one of them leaves the others as they are.
    DestroyGuard(
        "destroy-guard",
        [(settings, mirror.declaration) for (settings, _), mirror in zip(mirrors, made, strict=True)],
        identities.owner,
        pulumi.ResourceOptions(depends_on=made),
    )
    if len(outputs) == 1:
        (only,) = outputs.values()
        return dict(only)
    return {"mirrors": outputs}


class _Providers:
    """One provider for each Kubernetes that mirrors are declared in, named after the first target there.

    A target may be reached in two ways (two contexts for two namespaces), and Pulumi's names must differ. A
    mirror's objects remain under a provider of another name: `target_provider` gives all of them one cluster.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str | None, str | None], kubernetes.Provider] = {}
        self._names: set[str] = set()

    def of(self, target: TargetSettings) -> kubernetes.Provider:
        where = (target.kubeconfig, target.context)
        if where not in self._made:
            name = target.alias
            if name in self._names:
                name = f"{name}-{len(self._names) + 1}"
            self._names.add(name)
            self._made[where] = target_provider(name, target.kubeconfig, target.context)
        return self._made[where]
