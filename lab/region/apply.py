"""Brings objects into a Kubernetes API and leaves alone what is as it should be."""

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import httpx2
import msgspec
from lightkube import ApiError, Client
from lightkube.core import decoders
from lightkube.generic_resource import create_global_resource, create_namespaced_resource
from lightkube.types import PatchType

from lab.errors import LabError

FIELD_MANAGER = "region-mirror-lab"
_DEADLINE_SECONDS = 60.0

_Kind = Any  # a class that lightkube makes at run time

_KINDS: Mapping[str, _Kind] = {
    "Namespace": create_global_resource("", "v1", "Namespace", "namespaces"),
    "CustomResourceDefinition": create_global_resource(
        "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions"
    ),
    "Secret": create_namespaced_resource("", "v1", "Secret", "secrets"),
    "Kafka": create_namespaced_resource("kafka.strimzi.io", "v1", "Kafka", "kafkas"),
    "KafkaNodePool": create_namespaced_resource("kafka.strimzi.io", "v1", "KafkaNodePool", "kafkanodepools"),
}


def differing(client: Client, bodies: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the API lacks one of these objects, or holds it otherwise."""

    def differs(body: Mapping[str, Any]) -> bool:
        live = _live(client, _KINDS[body["kind"]], body["metadata"]["name"])
        return live is None or not contains(live, body)

    return any(differs(body) for body in bodies)


def apply(client: Client, bodies: Iterable[Mapping[str, Any]]) -> None:
    """Make the API hold these objects, in this order."""
    for body in bodies:
        _while_unknown(partial(_patch, client, _KINDS[body["kind"]], body["metadata"]["name"], body))


def apply_status(client: Client, kind: str, name: str, status: Mapping[str, Any]) -> bool:
    """Make a resource's status say this, but for the times in it; say whether anything changed."""
    live = _live(client, _KINDS[kind], name)
    if live is not None and contains(live.get("status") or {}, _without_times(status)):
        return False
    subresource = _KINDS[kind].Status
    client.patch(subresource, name, {"status": dict(status)}, patch_type=PatchType.MERGE)
    return True


def generation(client: Client, kind: str, name: str) -> int:
    """`metadata.generation` of an object in the lab's namespace; 0 when it is absent."""
    live = _live(client, _KINDS[kind], name)
    return int(live["metadata"]["generation"]) if live is not None else 0


def await_established(client: Client, bodies: Iterable[Mapping[str, Any]]) -> None:
    """Wait until the API serves the custom resources of these CustomResourceDefinitions."""
    missing = {body["metadata"]["name"] for body in bodies}
    until = time.monotonic() + _DEADLINE_SECONDS
    while missing:
        for name in tuple(missing):
            live = _live(client, _KINDS["CustomResourceDefinition"], name) or {}
            conditions = (live.get("status") or {}).get("conditions") or []
            if any(c["type"] == "Established" and c["status"] == "True" for c in conditions):
                missing.discard(name)
        if missing and time.monotonic() > until:
            raise LabError(f"Kubernetes still does not serve {', '.join(sorted(missing))}")
        if missing:
            time.sleep(0.1)


def contains(live: Any, wanted: Any) -> bool:
    """Whether `live` says all that `wanted` says; the API server adds defaults and bookkeeping of its own."""
    if isinstance(wanted, Mapping):
        return isinstance(live, Mapping) and all(
            # The server leaves out what is empty.
            contains(live[key], value) if key in live else value in ({}, [], None)
            for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(live, list)
            and len(live) == len(wanted)
            and all(contains(a, b) for a, b in zip(live, wanted, strict=True))
        )
    return bool(live == wanted)


def _live(client: Client, kind: _Kind, name: str) -> dict[str, Any] | None:
    try:
        found = client.get(kind, name)
    except ApiError as problem:
        if problem.status.code == 404:
            return None
        raise
    except httpx2.HTTPStatusError as problem:  # a path that is not served answers with plain text
        if problem.response.status_code == 404:
            return None
        raise
    return dict(found.to_dict())


def _patch(client: Client, kind: _Kind, name: str, body: Mapping[str, Any]) -> None:
    client.patch(kind, name, dict(body), patch_type=PatchType.APPLY, field_manager=FIELD_MANAGER, force=True)


def _while_unknown(act: Callable[[], None]) -> None:
    """Act again while the API answers 404: a kind is served a moment after its definition is established."""
    until = time.monotonic() + _DEADLINE_SECONDS
    while True:
        try:
            return act()
        except (ApiError, httpx2.HTTPStatusError) as problem:
            if problem.response.status_code != 404 or time.monotonic() > until:
                raise
        time.sleep(0.1)


def _without_times(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_times(v) for k, v in value.items() if k != "lastTransitionTime"}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


def _decode_everything_once() -> None:
    """lightkube decodes by msgspec, whose first use of a class in two threads at once ends the process."""
    decoders.decode_status(b"{}")
    for kind in _KINDS.values():
        models: tuple[Any, ...] = (kind, getattr(kind, "Status", kind))
        for model in models:
            with contextlib.suppress(msgspec.ValidationError):
                decoders.decode_object(b'{"metadata": {"managedFields": [{}], "ownerReferences": []}}', model)
        kind.from_dict({"metadata": {}}).to_dict()


_decode_everything_once()
