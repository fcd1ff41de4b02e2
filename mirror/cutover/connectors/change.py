"""Changes the declared state of connectors in the KafkaMirrorMaker2, against neither Strimzi nor Pulumi.

Strimzi's operator does what the resource declares, so the resource is where a connector is stopped: Connect's
own REST API would be overruled at the next reconciliation. `spec.mirrors` is one field to server-side apply,
which Pulumi owns. A patch by another manager takes it over: while the cutover runs, a `pulumi up` that would
change it ends with a conflict, and never reverts it silently. At the end the field is handed back to Pulumi's
manager, or every later `pulumi up` that changes the mirror would end with that conflict.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from manifests.metadata import LOOK_AGAIN
from manifests.strimzi.resource import CONNECTOR_FIELDS, ConnectorName, read_mirror_maker2
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import AlreadyChanged
from mirror.text.waiting import pauses

MANAGER = "region-mirror-cutover"
"""The field manager of every change."""
NUDGE_SECONDS = 2.0
_ATTEMPTS = 5
_PAUSE_SECONDS = 0.5
_SPEC = "f:spec"

Patch = dict[str, Any]
"""A JSON merge patch (RFC 7386)."""


def states_patch(
    resource: Mapping[str, Any],
    alias: str,
    states: Mapping[ConnectorName, str],
    annotations: Mapping[str, str | None],
) -> Patch | None:
    """Declare these states of connectors and these annotations (None removes one); None: nothing changes.

    A merge patch replaces a list as a whole, so it holds the version of the resource that it was made from.
    """
    metadata = resource.get("metadata") or {}
    there = metadata.get("annotations") or {}
    changed = {key: value for key, value in annotations.items() if there.get(key) != value}
    mirrors = copy.deepcopy((resource.get("spec") or {}).get("mirrors") or [])
    aliases = [flow.alias for flow in read_mirror_maker2(resource).mirrors]
    differs = False
    for mirror, of in zip(mirrors, aliases, strict=True):
        for connector, state in states.items():
            declared = mirror.get(CONNECTOR_FIELDS[connector])
            if of == alias and declared is not None and declared.get("state") != state:
                declared["state"] = state
                differs = True
    if not (changed or differs):
        return None
    patch: Patch = {"metadata": {"resourceVersion": metadata.get("resourceVersion")}}
    if changed:
        patch["metadata"]["annotations"] = changed
    if differs:
        patch["spec"] = {"mirrors": mirrors}
    return patch


def nudge_patch(resource: Mapping[str, Any], now: float) -> Patch | None:
    """Make Strimzi reconcile the resource now, by an annotation; None where that was done just before.

    Strimzi asks Connect for the state right after it has told it to stop a connector, and then, if nothing
    else happens, at its next periodic reconciliation: two minutes later.
    """
    metadata = resource.get("metadata") or {}
    text = (metadata.get("annotations") or {}).get(LOOK_AGAIN) or "0"
    try:
        due = now - float(text) >= NUDGE_SECONDS
    except ValueError:
        due = True
    if not due:
        return None
    annotations = {LOOK_AGAIN: f"{now:.0f}"}
    return {"metadata": {"resourceVersion": metadata.get("resourceVersion"), "annotations": annotations}}


def ownership_patch(resource: Mapping[str, Any]) -> Patch | None:
    """Give the fields of `spec` that the cutover owns back to the manager that applies the resource.

    The annotations remain the cutover's own: Pulumi's manager must not remove them. None where the cutover
    owns no field of `spec`, or where nobody applies the resource.
    """
    metadata = resource.get("metadata") or {}
    managed = copy.deepcopy(metadata.get("managedFields") or [])
    ours = [one for one in managed if one.get("manager") == MANAGER and _SPEC in (one.get("fieldsV1") or {})]
    applied = [
        one
        for one in managed
        if one.get("operation") == "Apply"
        and one.get("manager") != MANAGER
        and not one.get("subresource")
        and _SPEC in (one.get("fieldsV1") or {})
    ]
    if not ours or not applied:
        return None
    for one in ours:
        _merge(applied[0]["fieldsV1"][_SPEC], one["fieldsV1"].pop(_SPEC))
    left = [one for one in managed if one.get("fieldsV1")]
    return {"metadata": {"resourceVersion": metadata.get("resourceVersion"), "managedFields": left}}


def change(
    kubernetes: Kubernetes,
    read: Callable[[], Mapping[str, Any]],
    patches: Sequence[Callable[[Mapping[str, Any]], Patch | None]],
    just_read: Mapping[str, Any] | None = None,
) -> None:
    """Send each patch, made from the resource as it is then. Raises CouldNotRun.

    Strimzi writes the status every few seconds, so that a patch is often made from an old version: it is
    refused, and made again. So `just_read`, where the caller has it, serves for the first attempt.
    """
    for make in patches:
        for attempt in range(_ATTEMPTS):
            resource, just_read = read() if just_read is None else just_read, None
            patch = make(resource)
            if patch is None:
                break
            try:
                send(kubernetes, resource["kind"], resource, patch)
                break
            except AlreadyChanged:
                if attempt == _ATTEMPTS - 1:
                    raise


def settle(
    kubernetes: Kubernetes,
    read: Callable[[], Mapping[str, Any]],
    settled: Callable[[Mapping[str, Any]], bool],
    seconds: float,
    alone: float = 0.0,
) -> bool:
    """Make Strimzi reconcile every few seconds until its status says what it should; tell whether it does.
    Raises CouldNotRun. `alone`: for so long Strimzi is left to what a change has made it do anyway.
    """
    began, pause = time.monotonic(), pauses(_PAUSE_SECONDS)
    while not (there := settled(resource := read())) and time.monotonic() < began + seconds:
        if time.monotonic() >= began + alone:
            change(kubernetes, read, [lambda now: nudge_patch(now, time.time())], resource)
        time.sleep(next(pause))
    change(kubernetes, read, [lambda now: states_patch(now, "", {}, {LOOK_AGAIN: None})], resource)
    return there


def send(kubernetes: Kubernetes, kind: str, resource: Mapping[str, Any], patch: Mapping[str, Any]) -> None:
    """Send one patch as the cutover's field manager. `kind`: the items of a list have none. Raises
    AlreadyChanged where the resource has another version than the patch, CouldNotRun.
    """
    metadata = resource["metadata"]
    namespace, name = metadata["namespace"], metadata["name"]
    kubernetes.request(
        "PATCH",
        kubernetes.strimzi_path(kind, namespace, name),
        f"{kind} {namespace}/{name}",
        verb="patch",
        parameters={"fieldManager": MANAGER},
        body=patch,
    )


def _merge(into: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """Add a set of fields (`fieldsV1`) to another."""
    for key, value in fields.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into.setdefault(key, value)
