"""Makes the component that a program asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
from pulumi.provider import ConstructResult, Provider

from components.baseline import SourceBaseline
from components.destroy_guard import UNJUDGED, DestroyGuard
from components.first_deployment import FirstDeployment
from components.identity import MirrorIdentities
from components.kafka_users import KafkaUsers
from components.kubernetes import target_provider
from components.mirror_maker2 import MirrorMaker2
from components.ownership import owned
from components.region_mirror import RegionMirror
from components.source_credentials import SourceCredentials
from components.verification import MirrorVerification
from manifests.declaration import Declaration
from mirror import __version__
from provider import schema
from provider.beside import DEPLOYING, MirrorsBeside
from provider.inputs import Inputs
from settings.names import Names

PREPARED = "prepared"
"""The key under which the server hands over `Inputs` in place of what came over the wire."""

Made = tuple[pulumi.ComponentResource, dict[str, Any]]


class Components(Provider):
    """The package's components and its schema."""

    def __init__(self) -> None:
        super().__init__(__version__, json.dumps(schema.package()))
        self._beside = MirrorsBeside()

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Any,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Make one component; its outputs are those that the schema promises."""
        kind = resource_type.rsplit(":", 1)[-1]
        if kind in DEPLOYING:
            self._beside.judge(f"{kind} {name}", inputs[PREPARED].settings)
        make = _MAKERS[kind]
        component, outputs = make(name, inputs[PREPARED], options or pulumi.ResourceOptions())
        return ConstructResult(component.urn, outputs)


def _region_mirror(name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> Made:
    provider = _kubernetes(name, inputs, opts)
    mirror = RegionMirror(
        name,
        inputs.settings,
        inputs.estate,
        opts,
        provider=provider,
        contradicted=inputs.contradicted(by_up=inputs.settings.cutover.by_up),
    )
    return mirror, mirror.outputs


def _source_credentials(name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> Made:
    names = Names.of(inputs.settings)
    declaration = _declaration(inputs)
    made = SourceCredentials(name, declaration, _on_target(name, inputs, opts))
    ca = None if declaration.source_ca is None else names.source_ca_secret
    return made, {"caSecret": ca, "userSecret": names.source_user_secret}


def _kafka_users(name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> Made:
    declaration = _declaration(inputs)
    settings = inputs.settings
    made = KafkaUsers(
        name,
        declaration,
        _on_target(name, inputs, opts),
        target=settings.target.alias,
        retain=settings.users_remain,
    )
    # The component with the KafkaMirrorMaker2 judges whose mirror it is.
    DestroyGuard(f"{name}-users", [(settings, declaration)], UNJUDGED, _beside(opts, made))
    users = list(declaration.copied_users)
    return made, {"mirrorUser": Names.of(settings).mirror_user, "copiedUsers": users}


def _mirror_maker2(name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> Made:
    settings, names = inputs.settings, Names.of(inputs.settings)
    on_target = _on_target(name, inputs, opts)
    # A mirror that this component deployed before it had guards records no owner.
    guard = MirrorIdentities(
        name,
        [settings],
        _beside(opts),
        adopts_unrecorded=True,
        contradicted=inputs.contradicted(by_up=False),
    )
    declaration = owned(_declaration(inputs), guard.owner, settings.mirror)
    first = FirstDeployment(name, settings, declaration, _beside(on_target, guard))
    baseline = SourceBaseline(name, settings, declaration, guard.owner, _beside(on_target, guard, first))
    needed = pulumi.ResourceOptions(depends_on=[guard, first, baseline])
    made = MirrorMaker2(name, declaration, opts=pulumi.ResourceOptions.merge(on_target, needed))
    DestroyGuard(name, [(settings, declaration)], guard.owner, _beside(opts, made))
    return made, {
        "mirror": f"{settings.target.namespace}/{names.mirror}",
        "connectors": [names.source_connector, names.checkpoint_connector],
    }


def _verification(name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> Made:
    declaration = _declaration(inputs)
    needed = declaration.verification
    opts = _on_target(name, inputs, opts) if needed else opts
    made = MirrorVerification(name, inputs.settings, declaration.fingerprint, opts, manifests=needed)
    return made, {"verification": made.summary}


_MAKERS: dict[str, Callable[[str, Inputs, pulumi.ResourceOptions], Made]] = {
    "RegionMirror": _region_mirror,
    "SourceCredentials": _source_credentials,
    "KafkaUsers": _kafka_users,
    "MirrorMaker2": _mirror_maker2,
    "MirrorVerification": _verification,
}


def _declaration(inputs: Inputs) -> Declaration:
    return Declaration.of(inputs.settings, inputs.estate)


def _kubernetes(name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> Any:
    """The program's provider for the target's Kubernetes, else one of our own, named after the component."""
    given = opts.providers
    if isinstance(given, dict) and "kubernetes" in given:
        return given["kubernetes"]
    target = inputs.settings.target
    return target_provider(f"{name}-{target.alias}", target.kubeconfig, target.context)


def _beside(opts: pulumi.ResourceOptions, *after: pulumi.Resource) -> pulumi.ResourceOptions:
    """Options for a component that the program did not name: without the aliases of the one that it named."""
    given = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(after)))
    given.aliases = None
    return given


def _on_target(name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    own = pulumi.ResourceOptions(providers=[_kubernetes(name, inputs, opts)])
    return pulumi.ResourceOptions.merge(opts, own)
