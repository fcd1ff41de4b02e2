"""Guards the names that must not change, and the phase: a stack that would change one fails in preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.kubernetes import child_of
from components.own_resource import OwnProvider, own_resource
from mirror.mm2.identity import Identity, refusals
from settings.model import Settings

_KEPT = "identities"


class IdentityProvider(OwnProvider):
    """Keeps the identities of a stack's mirrors in its state, and refuses changes that nobody allowed.

    A mirror that was never deployed has no identity yet: after an `up` that was refused because of leftovers,
    another alias may be the right way out. FirstDeployment keeps the identity of one that was.
    """

    kind = "Identities"

    def name_of(self, inputs: Mapping[str, Any]) -> str:
        """Return the resource's id, which is the same in every stack."""
        return _KEPT

    def refusals(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
        """Refuse every change of an identity that `mirror.identity_change` does not allow, where the former
        KafkaMirrorMaker2 is deployed; and every phase that contradicts the deployed mirror.
        """
        yield from _phases(news)
        former = _identities(olds)
        allowed = [name for name, setting in (news.get("changes") or {}).items() if setting == "allow"]
        found = list(refusals(former, _identities(news), allowed))
        if not found:
            return
        # Imported here because declaring the resource needs no Kubernetes client.
        from mirror.start.deployed import is_deployed

        sides = news.get("sides") or {}
        for one in found:
            if one.mirror not in sides or is_deployed(former[one.former], sides[one.mirror], Path.cwd()):
                yield one.reason

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether the identities change; permission alone changes nothing."""
        return bool(olds.get(_KEPT) != news.get(_KEPT))

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the identities."""
        return dict(inputs)


class MirrorIdentities(pulumi.ComponentResource):
    """Guards the identities of all mirrors of a stack; every mirror has to depend on it.

    There is one for the whole stack, so that it sees a renamed mirror as the old name removed and the new
    name added.
    """

    def __init__(
        self, name: str, mirrors: Iterable[Settings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("region-mirror:index:MirrorIdentities", name, {}, opts)
        every = list(mirrors)
        inputs = {
            _KEPT: {one.mirror.name: Identity.of(one).as_text() for one in every},
            "changes": {one.mirror.name: one.mirror.identity_change for one in every},
            "phases": {one.mirror.name: one.mirror.phase for one in every},
            "sides": {
                one.mirror.name: {"kubeconfig": one.target.kubeconfig, "context": one.target.context}
                for one in every
            },
        }
        own_resource(IdentityProvider(), name, inputs, (), child_of(self, opts))
        self.register_outputs({})


def _identities(inputs: Mapping[str, Any]) -> dict[str, Identity]:
    return {name: Identity.read(kept) for name, kept in (inputs.get(_KEPT) or {}).items()}


def _phases(news: Mapping[str, Any]) -> Iterable[str]:
    """Return why mirrors must not be deployed in the phase that the stack file declares.

    Every preview asks the world, because the state of a stack does not know of a cutover.
    """
    phases = news.get("phases") or {}
    if not phases:
        return
    from mirror.mm2.phase import contradiction
    from mirror.start.deployed import deployed

    identities, sides = _identities(news), news.get("sides") or {}
    for name, phase in sorted(phases.items()):
        resource = deployed(identities[name], sides.get(name) or {}, Path.cwd())
        if reason := contradiction(name, phase, resource):
            yield reason
