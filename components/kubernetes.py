"""Hands plain manifests to Pulumi's Kubernetes provider.

Its package is imported where something is declared, not above: the process in which Pulumi runs our own
providers imports this module and declares nothing, and the package takes half a second of CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    import pulumi_kubernetes as kubernetes
    from pulumi_kubernetes.apiextensions import CustomResource
    from pulumi_kubernetes.core.v1 import ConfigMap, Secret

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


def secret(manifest: dict[str, Any], opts: pulumi.ResourceOptions) -> Secret:
    """Declare a Secret; its content is encrypted in Pulumi's state and hidden in its output."""
    from pulumi_kubernetes.core.v1 import Secret

    return Secret(
        manifest["metadata"]["name"],
        metadata=manifest["metadata"],
        type=manifest["type"],
        data=pulumi.Output.secret(manifest["data"]),
        opts=opts,
    )


def config_map(manifest: dict[str, Any], opts: pulumi.ResourceOptions) -> ConfigMap:
    """Declare a ConfigMap."""
    from pulumi_kubernetes.core.v1 import ConfigMap

    return ConfigMap(
        manifest["metadata"]["name"],
        metadata=manifest["metadata"],
        data=manifest.get("data"),
        binary_data=manifest.get("binaryData"),
        opts=opts,
    )


def custom_resource(
    manifest: dict[str, Any],
    opts: pulumi.ResourceOptions,
    *,
    name: str | None = None,
    wait_seconds: int | None = None,
) -> CustomResource:
    """Declare a custom resource; with `wait_seconds`, Pulumi waits as long for its condition Ready. `name` is
    Pulumi's, where it is not the object's.
    """
    from pulumi_kubernetes.apiextensions import CustomResource

    metadata = dict(manifest["metadata"])
    if wait_seconds is not None:
        metadata["annotations"] = {**metadata.get("annotations", {}), **READY}
        limit = f"{wait_seconds}s"
        opts = pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit)),
        )
    return CustomResource(
        name or metadata["name"],
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        metadata=metadata,
        spec=manifest["spec"],
        opts=opts,
    )


def declared(manifest: dict[str, Any], opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """Declare one of the objects for verification in Kubernetes or for monitoring."""
    from pulumi_kubernetes.apps.v1 import Deployment
    from pulumi_kubernetes.batch.v1 import CronJob
    from pulumi_kubernetes.core.v1 import Service, ServiceAccount
    from pulumi_kubernetes.networking.v1 import NetworkPolicy
    from pulumi_kubernetes.rbac.v1 import Role, RoleBinding

    with_spec: dict[str, Callable[..., pulumi.Resource]] = {
        "CronJob": CronJob,
        "Deployment": Deployment,
        "NetworkPolicy": NetworkPolicy,
        "Service": Service,
    }
    name, metadata = manifest["metadata"]["name"], manifest["metadata"]
    match manifest["kind"]:
        case "ConfigMap":
            return config_map(manifest, opts)
        case "ServiceAccount":
            mounted = manifest["automountServiceAccountToken"]
            return ServiceAccount(name, metadata=metadata, automount_service_account_token=mounted, opts=opts)
        case "Role":
            return Role(name, metadata=metadata, rules=manifest["rules"], opts=opts)
        case "RoleBinding":
            return RoleBinding(
                name,
                metadata=metadata,
                role_ref=manifest["roleRef"],
                subjects=manifest["subjects"],
                opts=opts,
            )
        case "CronJob" | "Deployment" | "NetworkPolicy" | "Service" as kind:
            return with_spec[kind](name, metadata=metadata, spec=manifest["spec"], opts=opts)
        case "PrometheusRule" | "ServiceMonitor":
            return custom_resource(manifest, opts)
    raise ValueError(f"nothing declares a {manifest['kind']}")
