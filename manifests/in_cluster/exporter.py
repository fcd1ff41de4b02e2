"""The exporter in the target's namespace: a Deployment of one pod, and the Service of its metrics.

The pod serves plain HTTP without a login and runs all the time. So by default its account cannot read the
credentials of copied users, and a NetworkPolicy can limit who connects to it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from manifests.estate import Estate
from manifests.in_cluster.account import account
from manifests.in_cluster.pod import Identity, pod
from manifests.in_cluster.pod_settings import SETTINGS_PATH, config_map_data
from manifests.metadata import Manifest, metadata
from manifests.monitoring.service_monitor import PORT, selected
from settings.model import Settings
from settings.names import Names

CONTAINER = "exporter"
NUMBER = 9404
"""The exporter's default port. Prometheus' list of allocated ports assigns it to the JMX exporter."""
SETTINGS_VERSION = "region-mirror/settings-version"
"""Annotation of the pod that changes with its settings, which it reads only when it starts."""

_TOKEN_SECONDS = 3600  # renewed by the kubelet as long as the pod runs
_POD_IP = "POD_IP"
_LIVENESS_SECONDS = 30
_ANSWER_SECONDS = 10
"""The kubelet's default of 1 s ends an exporter that is busy: in a look of thousands of partitions a dozen
threads compute, and each request waits for its turn among them."""


def exporter(settings: Settings, estate: Estate) -> tuple[Manifest, ...]:
    """Render all objects in the order of their creation; nothing if the exporter is disabled."""
    if not (settings.monitoring.enabled and settings.monitoring.exporter):
        return ()
    names, labels = Names.of(settings), selected(settings)
    name = names.exporter
    data = config_map_data(settings)
    return (
        *account(
            settings,
            estate,
            name,
            labels,
            writes=(names.last_look,),
            copied_users=settings.monitoring.exporter_copied_users,
        ),
        *_network_policy(settings),
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata(settings, name, labels=labels),
            "data": data,
        },
        _deployment(settings, data),
        {
            "apiVersion": "v1",
            "kind": "Service",
            # Pulumi need not wait for an endpoint: it has waited until the Deployment's pod is ready.
            "metadata": metadata(settings, name, labels=labels, annotations={"pulumi.com/skipAwait": "true"}),
            "spec": {
                "selector": labels,
                "ports": [{"name": PORT, "port": NUMBER, "targetPort": PORT, "protocol": "TCP"}],
            },
        },
    )


def _network_policy(settings: Settings) -> tuple[Manifest, ...]:
    """Render the NetworkPolicy, if namespaces are named. Only ingress is limited: the addresses of both
    clusters' brokers and of DNS are not known here. The kubelet's probes come from the pod's node, which a
    NetworkPolicy always admits.
    """
    namespaces = settings.monitoring.scrape_namespaces
    if not namespaces:
        return ()
    labels = selected(settings)
    # Kubernetes sets this label on each namespace.
    of_namespaces = [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": sorted(namespaces)}]
    return (
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata(settings, Names.of(settings).exporter, labels=labels),
            "spec": {
                "podSelector": {"matchLabels": labels},
                "policyTypes": ["Ingress"],
                "ingress": [
                    {
                        "from": [{"namespaceSelector": {"matchExpressions": of_namespaces}}],
                        "ports": [{"port": PORT, "protocol": "TCP"}],
                    }
                ],
            },
        },
    )


def _deployment(settings: Settings, data: dict[str, str]) -> Manifest:
    name, labels = Names.of(settings).exporter, selected(settings)
    version = hashlib.sha256("".join(data.values()).encode()).hexdigest()[:16]
    template = {"labels": labels, "annotations": {SETTINGS_VERSION: version}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(settings, name, labels=labels),
        "spec": {
            "replicas": 1,
            # Two exporters would read the same brokers and export every series twice.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": labels},
            "template": {"metadata": template, "spec": _pod(settings)},
        },
    }


def _pod(settings: Settings) -> dict[str, Any]:
    name, monitoring = Names.of(settings).exporter, settings.monitoring
    alive = {"httpGet": {"path": "/healthz", "port": PORT}, "timeoutSeconds": _ANSWER_SECONDS}
    resources = monitoring.exporter_resources
    return pod(
        settings,
        Identity(name, name),
        {
            "name": CONTAINER,
            "command": ["python", "-m", "mirror", "exporter"],
            "args": [
                f"--config-file={SETTINGS_PATH}",
                # In brackets, because the address may be an IPv6 address.
                f"--listen=[$({_POD_IP})]:{NUMBER}",
                f"--every={monitoring.exporter_interval_seconds}s",
                *(["--copied-users"] if monitoring.exporter_copied_users else []),
            ],
            "env": [
                {
                    "name": _POD_IP,
                    "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}},
                }
            ],
            "ports": [{"name": PORT, "containerPort": NUMBER, "protocol": "TCP"}],
            "readinessProbe": {**alive, "periodSeconds": 5},
            "livenessProbe": {**alive, "periodSeconds": _LIVENESS_SECONDS},
            **({"resources": dict(resources)} if resources else {}),
        },
        token_seconds=_TOKEN_SECONDS,
        restart="Always",
    )
