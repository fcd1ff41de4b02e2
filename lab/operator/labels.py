"""Labels and owner references of what the operators create (Labels, ModelUtils.createOwnerReference)."""

import re
from collections.abc import Mapping
from typing import Any

from lab.operator.failures import illegal_argument

CLUSTER = "strimzi.io/cluster"
KIND = "strimzi.io/kind"
NAME = "strimzi.io/name"
COMPONENT_TYPE = "strimzi.io/component-type"
CLUSTER_OPERATOR = "strimzi-cluster-operator"
USER_OPERATOR = "strimzi-user-operator"

_NOT_COPIED = re.compile(r"app\.kubernetes\.io/(?!part-of).*|kustomize\.toolkit\.fluxcd\.io.*")
_LONGEST_VALUE = 63


def copied_labels(resource: Mapping[str, Any]) -> dict[str, str]:
    """The resource's own labels that go on to what it owns; a label of Strimzi's own is refused."""
    labels: dict[str, str] = dict(resource["metadata"].get("labels") or {})
    labels = {key: value for key, value in labels.items() if not _NOT_COPIED.fullmatch(key)}
    if any(key.startswith("strimzi.io/") and not key.startswith(CLUSTER) for key in labels):
        raise illegal_argument(
            "Labels starting with strimzi.io/ are not allowed in Custom Resources,"
            " such labels should be removed."
        )
    return labels


def component_labels(resource: Mapping[str, Any], component: str, component_type: str) -> dict[str, str]:
    """Labels.generateDefaultLabels for what the Cluster Operator creates."""
    name = resource["metadata"]["name"]
    return copied_labels(resource) | {
        KIND: resource["kind"],
        NAME: component,
        CLUSTER: name,
        COMPONENT_TYPE: component_type,
        "app.kubernetes.io/name": component_type,
        "app.kubernetes.io/instance": label_value(name),
        "app.kubernetes.io/part-of": label_value(f"strimzi-{name}"),
        "app.kubernetes.io/managed-by": CLUSTER_OPERATOR,
    }


def user_labels(resource: Mapping[str, Any]) -> dict[str, str]:
    """The labels of a KafkaUser's Secret (KafkaUserModel)."""
    name = resource["metadata"]["name"]
    return copied_labels(resource) | {
        KIND: resource["kind"],
        "app.kubernetes.io/name": USER_OPERATOR,
        "app.kubernetes.io/instance": label_value(name),
        "app.kubernetes.io/part-of": label_value(f"strimzi-{name}"),
        "app.kubernetes.io/managed-by": USER_OPERATOR,
    }


def selector(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that select a component's pods, in the order in which Strimzi writes `labelSelector`."""
    return {key: labels[key] for key in (CLUSTER, NAME, KIND) if key in labels}


def selector_string(labels: Mapping[str, str]) -> str:
    """A label selector as text, such as `a=1,b=2`."""
    return ",".join(f"{key}={value}" for key, value in selector(labels).items())


def label_value(value: str) -> str:
    """At most 63 characters, and never ending with '.', '-' or '_'."""
    return value[:_LONGEST_VALUE].rstrip(".-_")


def owner_reference(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The owner reference that makes the garbage collector delete an object with `resource`."""
    return {
        "apiVersion": resource["apiVersion"],
        "kind": resource["kind"],
        "name": resource["metadata"]["name"],
        "uid": resource["metadata"]["uid"],
        "controller": False,
        "blockOwnerDeletion": True,
    }
