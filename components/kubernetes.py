"""Hands plain manifests to Pulumi's Kubernetes provider.

Each object is registered by its type and its manifest, as the classes of pulumi-kubernetes would. Those are
not imported: of all modules of a preview they take the most time (0.35 s of CPU).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, get_args

import pulumi

from manifests.estate import StrimziApi
from manifests.metadata import KINDS_BESIDE_THE_MIRROR
from manifests.strimzi.api import api_version

if TYPE_CHECKING:
    import pulumi_kubernetes as kubernetes

READY = {"pulumi.com/waitFor": "condition=Ready"}
_CLUSTER = "region-mirror"


def target_provider(name: str, kubeconfig: str | None, context: str | None) -> kubernetes.Provider:
    """Make the provider for the target's Kubernetes.

    `kubeconfig` is a path, relative to the project's folder, and reaches the state as such: no credential
    does.
    """
    import pulumi_kubernetes as kubernetes

    return kubernetes.Provider(
        name,
        kubeconfig=kubeconfig,
        context=context,
        # Else another address or CA in the kubeconfig counts as another cluster, and Pulumi replaces every
        # object: it deletes the old one after the new one of the same name. MirrorIdentities refuses another
        # cluster.
        cluster_identifier=_CLUSTER,
        # Since 4.29 an object that exists is refused otherwise. MirrorIdentities and the users' rules have
        # said before whose it is; `mirror.take_over` needs it, and users that an earlier mirror left.
        upsert_existing_objects=True,
        enable_server_side_apply=True,
        # Else Pulumi replaces a changed Secret: it would be deleted and created while the mirror runs.
        enable_secret_mutable=True,
        # The same for a ConfigMap: the baseline must never be missing.
        enable_config_map_mutable=True,
    )


def child_of(
    component: pulumi.ComponentResource, opts: pulumi.ResourceOptions | None
) -> pulumi.ResourceOptions:
    """Return options for a component's child: its parent, and the component's dependencies, which children do
    not inherit.
    """
    return pulumi.ResourceOptions(parent=component, depends_on=opts.depends_on if opts else None)


class Object(pulumi.CustomResource):
    """One object of the target's Kubernetes."""

    metadata: pulumi.Output[Any]
    """As the API server has it."""

    def __init__(self, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions, name: str = "") -> None:
        """Declare it; `name` is Pulumi's, where it is not the object's."""
        api, kind = manifest["apiVersion"], manifest["kind"]
        token = _type(api, kind)
        of_package = pulumi.ResourceOptions(
            version=_package_version(),
            aliases=_of_other_versions(api, kind, opts.aliases or ()),
            # For what Pulumi itself replaces (`--replace`, another provider): it would delete the old object
            # last, which has the name of the new one.
            delete_before_replace=True,
        )
        opts = pulumi.ResourceOptions.merge(of_package, opts)
        super().__init__(token, name or manifest["metadata"]["name"], dict(manifest), opts)


def secret(manifest: dict[str, Any], opts: pulumi.ResourceOptions) -> Object:
    """Declare a Secret; its content is encrypted in Pulumi's state and hidden in its output."""
    hidden = pulumi.ResourceOptions(additional_secret_outputs=["data", "stringData"])
    content = {"data": pulumi.Output.secret(manifest["data"])}
    return Object({**manifest, **content}, pulumi.ResourceOptions.merge(opts, hidden))


def custom_resource(
    manifest: dict[str, Any],
    opts: pulumi.ResourceOptions,
    *,
    name: str = "",
    wait_seconds: int | None = None,
) -> Object:
    """Declare a custom resource; with `wait_seconds`, Pulumi waits as long for its condition Ready. `name` is
    Pulumi's, where it is not the object's.
    """
    if wait_seconds is None:
        return Object(manifest, opts, name)
    metadata = dict(manifest["metadata"])
    metadata["annotations"] = {**metadata.get("annotations", {}), **READY}
    limit = f"{wait_seconds}s"
    waits = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit))
    return Object({**manifest, "metadata": metadata}, pulumi.ResourceOptions.merge(opts, waits), name)


def declared(manifest: Mapping[str, Any], opts: pulumi.ResourceOptions) -> Object:
    """Declare a ConfigMap, or one of the objects for verification in Kubernetes or for monitoring."""
    if manifest["kind"] not in KINDS_BESIDE_THE_MIRROR:
        raise ValueError(f"nothing declares a {manifest['kind']}")
    return Object(manifest, opts)


def _type(api: str, kind: str) -> str:
    return f"kubernetes:{api if '/' in api else f'core/{api}'}:{kind}"


def _of_other_versions(api: str, kind: str, names: Iterable[Any]) -> list[pulumi.Alias]:
    """Return the aliases of a Strimzi resource under the other versions of Strimzi's API.

    Pulumi's name of a resource has the API version. After an upgrade of Strimzi, Pulumi would create it under
    the new version and delete it under the old one, which is the same object.
    """
    known = [api_version(one) for one in get_args(StrimziApi)]
    types = [_type(one, kind) for one in known if api in known and one != api]
    named = [one.name for one in names if isinstance(one, pulumi.Alias) and isinstance(one.name, str)]
    return [
        *(pulumi.Alias(type_=one) for one in types),
        *(pulumi.Alias(type_=one, name=name) for one in types for name in named),
    ]


@cache
def _package_version() -> str:
    """Return the version of the plugin that Pulumi is asked for, as pulumi-kubernetes' own classes ask."""
    return version("pulumi-kubernetes")
