"""Names that must not change, guarded: a stack that would change one fails in its preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from components.kubernetes import child_of
from components.own_resource import own_resource
from mirror.mm2.identity import Identity, refusals
from settings.model import Settings

_KEPT = "identities"
_NO_PROPERTY = ""
"""With one, Pulumi prints its whole value before the reason."""


class IdentityProvider(ResourceProvider):
    """Keeps the identities of a stack's mirrors in its state, and compares.

    Pulumi asks `check` with the inputs of the last deployment in every preview, and again before it changes
    anything: what it refuses ends the run. Pulumi keeps a reference to this class in its state, not its code:
    the class has to stay importable under this name.
    """

    # What is kept is only that reference, nothing that would need encryption.
    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse every change of an identity that nobody allowed."""
        allowed = [name for name, setting in (news.get("changes") or {}).items() if setting == "allow"]
        found = refusals(_identities(_olds), _identities(news), allowed)
        return CheckResult(news, [CheckFailure(_NO_PROPERTY, refusal.reason) for refusal in found])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Say whether the identities change; permission alone changes nothing."""
        return DiffResult(changes=_olds.get(_KEPT) != _news.get(_KEPT))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Keep the identities."""
        return CreateResult(id_=_KEPT, outs=dict(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Keep the new ones."""
        return UpdateResult(outs=dict(_news))


class _Identities(Resource, module="region-mirror", name="Identities"):
    """The custom resource behind the component."""

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(IdentityProvider(), name, props, opts)


class MirrorIdentities(pulumi.ComponentResource):
    """Guards the identities of all mirrors of a stack; every mirror has to come after it.

    One for the whole stack: it sees a mirror's old name go and its new one come.
    """

    def __init__(
        self, name: str, mirrors: Iterable[Settings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("region-mirror:index:MirrorIdentities", name, {}, opts)
        every = list(mirrors)
        props = {
            _KEPT: {one.mirror.name: Identity.of(one).as_text() for one in every},
            "changes": {one.mirror.name: one.mirror.identity_change for one in every},
        }
        own_resource("Identities", _Identities, name, props, child_of(self, opts))
        self.register_outputs({})


def _identities(props: Mapping[str, Any]) -> dict[str, Identity]:
    return {name: Identity.read(kept) for name, kept in (props.get(_KEPT) or {}).items()}
