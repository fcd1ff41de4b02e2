"""The step between the users and the KafkaMirrorMaker2, once for each identity: refuse leftovers of another
mirror, and write the positions at which MM2 starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from components.another_target import side_of
from components.deployment_inputs import IDENTITY, deployment_inputs, read_inputs
from components.kubernetes import child_of
from components.own_resource import DeploymentStoppedError, OwnProvider, own_resource, say
from mirror.mm2.identity import Identity, refusals
from settings.model import Settings

if TYPE_CHECKING:
    from manifests.declaration import Declaration

_START_SETTINGS = ("start_from", "start_from_by_topic")
_NOTHING_THERE = "nothing_there"


class MirrorNotStartedError(DeploymentStoppedError):
    """The users exist, but the KafkaMirrorMaker2 must not be deployed yet."""


class FirstDeploymentProvider(OwnProvider):
    """Works when an identity is deployed for the first time, and never again while it stays the same, unless
    the mirror was not deployed since and is to begin elsewhere.
    """

    kind = "FirstDeployment"
    failure = MirrorNotStartedError
    momentary = frozenset({_NOTHING_THERE})

    def refusals(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
        """Find leftovers already in a preview, where the mirror's users exist; and refuse to change an
        identity that was deployed, also where somebody has deleted the KafkaMirrorMaker2 since, and that of a
        KafkaMirrorMaker2 that the stack takes over.
        """
        if _same(olds, news):
            return
        yield from _changes(olds, news)
        if news.get(_NOTHING_THERE):
            return
        # Imported here because declaring needs no client, and the preview of a new mirror no Kafka client.
        from mirror.start.deployed import can_log_in, other_names

        settings, _, root = read_inputs(news)
        if not olds.get(IDENTITY):
            yield from other_names(settings, root)
        if not can_log_in(settings, root):
            return
        from mirror.start.first_deployment import LeftoversFound

        try:
            _deployment(news, olds).preview()
        except LeftoversFound as found:
            yield str(found)

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether the identity is another one. Where mirroring begins matters until the mirror exists: a
        later step of the first `up` may have failed.
        """
        same = _same(olds, news)
        if same and olds.get("asked") not in (None, _asked(news)):
            if not _is_deployed(news):
                return True
            say(
                "mirror.start_from has changed, which changes nothing: "
                "it is used only at the first deployment"
            )
        return not same

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Look for leftovers and write the start positions."""
        seen = _deployment(inputs, olds).prepare()
        say(f"leftovers: {seen.leftovers}; start: {seen.start}")
        return {
            IDENTITY: inputs[IDENTITY],
            "leftovers": seen.leftovers,
            "start": seen.start,
            "asked": _asked(inputs),
        }


class FirstDeployment(pulumi.ComponentResource):
    """Made after the users and before the KafkaMirrorMaker2. `start` says in one line where MM2 begins."""

    start: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        settings: Settings,
        declaration: Declaration,
        opts: pulumi.ResourceOptions | None = None,
        *,
        nothing_there: bool = False,
    ) -> None:
        """Declare it. `nothing_there`: the target has neither the KafkaMirrorMaker2, whose names could be
        others, nor the users with which a preview could look for leftovers. `pulumi up` looks for them in any
        case.
        """
        super().__init__("region-mirror:index:FirstDeployment", name, {}, opts)
        inputs = {**deployment_inputs(settings, declaration), _NOTHING_THERE: nothing_there}
        outputs = ("leftovers", "start", "asked")
        done = own_resource(FirstDeploymentProvider(), name, inputs, outputs, child_of(self, opts))
        self.start = done.start
        self.register_outputs({"start": done.start})


def _deployment(inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> Any:
    from mirror.start.first_deployment import FirstDeployment as Deployment

    settings, resource, root = read_inputs(inputs)
    former = Identity.read(olds[IDENTITY]) if olds.get(IDENTITY) else None
    return Deployment(settings, resource, former, root)


def _same(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    return bool(olds.get(IDENTITY)) and not Identity.read(olds[IDENTITY]).changed(
        Identity.read(news[IDENTITY])
    )


def _is_deployed(inputs: Mapping[str, Any]) -> bool:
    from mirror.start.deployed import is_deployed

    settings, _, root = read_inputs(inputs)
    return is_deployed(Identity.read(inputs[IDENTITY]), side_of(settings.target), root)


def _changes(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
    """Return the refusal of a changed identity that `mirror.identity_change` does not allow."""
    mirror = news["settings"]["mirror"]
    if not olds.get(IDENTITY) or mirror.get("identity_change") == "allow":
        return []
    name = mirror["name"]
    former, now = Identity.read(olds[IDENTITY]), Identity.read(news[IDENTITY])
    return [refusal.reason for refusal in refusals({name: former}, {name: now}, ())]


def _asked(inputs: Mapping[str, Any]) -> dict[str, Any]:
    mirror = inputs["settings"]["mirror"]
    return {key: mirror.get(key) for key in _START_SETTINGS}
