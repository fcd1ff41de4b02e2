"""The manifests in the resources of a Pulumi stack. Pure: without Pulumi's SDK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policy.documents import MIRROR_KIND, Document

UNKNOWN = "not known in a preview"


def documents_of(properties: Mapping[str, Any], origin: str) -> Iterator[Document]:
    """Return the Kubernetes object that a resource declares, or the settings of the mirrors that
    region-mirror's destroy guard keeps; nothing for other resources. `properties` without proxies (`plain`).
    """
    if isinstance(properties.get("kind"), str) and isinstance(properties.get("apiVersion"), str):
        yield Document(origin, properties)
    mirrors = properties.get("mirrors")
    for name, kept in (mirrors if isinstance(mirrors, Mapping) else {}).items():
        settings = kept.get("settings") if isinstance(kept, Mapping) else None
        if isinstance(settings, Mapping) and isinstance(target := settings.get("target"), Mapping):
            metadata = {"name": name, "namespace": target.get("namespace")}
            yield Document(origin, {"kind": MIRROR_KIND, "metadata": metadata, "spec": settings})


def stack_of(urn: str) -> tuple[str, str]:
    """Return the names of the stack and the project in a URN (urn:pulumi:STACK::PROJECT::TYPE::NAME)."""
    stack, _, rest = urn.removeprefix("urn:pulumi:").partition("::")
    return stack, rest.partition("::")[0]


def plain(value: Any, unknown: type[Exception]) -> Any:
    """Return properties as plain values: Pulumi sends every number as a float.

    `unknown`: the error with which the SDK's proxies answer for a value that a preview does not know.
    """
    if isinstance(value, Mapping):
        return {str(key): _known(value, key, unknown) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_known(value, at, unknown) for at in range(len(value))]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _known(values: Any, key: Any, unknown: type[Exception]) -> Any:
    try:
        value = values[key]
    except unknown:
        return UNKNOWN
    return plain(value, unknown)
