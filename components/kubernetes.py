"""Hands plain manifests to Pulumi's Kubernetes provider.

Each object is registered by its type and its manifest, as the classes of pulumi-kubernetes would. Those are
not imported: of all modules of a preview they take the most time (0.35 s of CPU).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pulumi

from manifests.metadata import KINDS_BESIDE_THE_MIRROR

if TYPE_CHECKING:
    import pulumi_kubernetes as kubernetes

READY = {"pulumi.com/waitFor": "condition=Ready"}


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

    def __init__(self, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions, name: str = "") -> None:
        """Declare it; `name` is Pulumi's, where it is not the object's."""
        api = manifest["apiVersion"]
        token = f"kubernetes:{api if '/' in api else f'core/{api}'}:{manifest['kind']}"
        of_package = pulumi.ResourceOptions(version=_package_version())
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


@cache
def _package_version() -> str:
    """Return the version of the plugin that Pulumi is asked for, as pulumi-kubernetes' own classes ask."""
    return version("pulumi-kubernetes")
