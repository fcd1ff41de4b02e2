"""Many users on the lab's source, for a preview to copy: KafkaUsers and their Secrets, made and removed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from lightkube import Client
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from lab.layout import NAMESPACE, Lab
from lab.region import clients

KafkaUser = create_namespaced_resource("kafka.strimzi.io", "v1", "KafkaUser", "kafkausers")
# No label strimzi.io/cluster: the operator shall leave them alone, as Strimzi's would.
_LABELS = {"region-mirror/bench": "preview"}


def names(count: int) -> list[str]:
    """Name the first `count` of them."""
    return [f"bench-{number:04}" for number in range(count)]


@contextmanager
def on_the_source(lab: Lab, count: int) -> Iterator[None]:
    """`count` users with a password and the rights of a usual consumer; none is left in the end."""
    client = clients.kubernetes(lab, "east")
    try:
        first, *others = names(count)
        # One before all others: msgspec, with which lightkube decodes, prepares a class when it first meets
        # it, and two threads that do so at once may end the process (SIGSEGV).
        _make(client, first)
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda name: _make(client, name), others))
        yield
    finally:
        remove(lab)


def remove(lab: Lab) -> None:
    """Remove them all, those of a bench that was killed too."""
    client = clients.kubernetes(lab, "east")

    def one(kind: Any, name: str) -> None:
        client.delete(kind, name, namespace=NAMESPACE)

    with ThreadPoolExecutor(max_workers=8) as pool:
        for kind in (KafkaUser, Secret):
            listed: Any = client.list(kind, namespace=NAMESPACE, labels={**_LABELS})
            left = [found.metadata.name for found in listed]
            list(pool.map(one, [kind] * len(left), left))


def _make(client: Client, name: str) -> None:
    metadata = ObjectMeta(name=name, namespace=NAMESPACE, labels=_LABELS)
    # By this label the estate lists Secrets; without the cluster's, the operator leaves it alone.
    labelled = ObjectMeta(name=name, namespace=NAMESPACE, labels={**_LABELS, "strimzi.io/kind": "KafkaUser"})
    secret = Secret(apiVersion="v1", kind="Secret", metadata=labelled, stringData={"password": f"of-{name}"})
    user = KafkaUser(apiVersion="kafka.strimzi.io/v1", kind="KafkaUser", metadata=metadata, spec=_spec(name))
    for one in (secret, user):
        client.apply(one, field_manager="bench", force=True)


def _spec(name: str) -> dict[str, Any]:
    acls = [
        {"resource": {"type": "topic", "name": "orders", "patternType": "literal"}, "operations": ["Read"]},
        {"resource": {"type": "group", "name": name, "patternType": "prefix"}, "operations": ["Read"]},
    ]
    return {
        "authentication": {"type": "scram-sha-512"},
        "authorization": {"type": "simple", "acls": acls},
        "quotas": {"consumerByteRate": 1_048_576},
    }
