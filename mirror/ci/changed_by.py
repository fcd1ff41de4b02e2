"""Who changed the deployed resources of a mirror outside Pulumi, by what the API server records of each field
(`metadata.managedFields`, Kubernetes' server-side apply).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from mirror.text.markdown import code
from mirror.text.names import few

_PULUMI = "pulumi-kubernetes"
"""How the names of Pulumi's field managers begin."""
_PARTS = {"f:spec": "spec", "f:data": "data"}
_OF_METADATA = ("f:annotations", "f:labels")
_EFFECTIVE = ("f:strimzi.io/", "f:region-mirror/")
"""Annotations and labels that change what a resource does: `strimzi.io/pause-reconciliation`."""
_MOST_FIELDS = 5


@dataclass(frozen=True, slots=True)
class OutsideChange:
    """Fields of a resource that a program other than Pulumi set last: its field manager (`kubectl-edit`), and
    when.
    """

    resource: str
    manager: str
    time: str
    fields: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all four by their names."""
        return {
            "resource": self.resource,
            "manager": self.manager,
            "time": self.time,
            "fields": list(self.fields),
        }


@dataclass(frozen=True, slots=True)
class OutsideChanges:
    """The changes to one mirror's resources."""

    mirror: str
    changes: tuple[OutsideChange, ...]

    def to_json(self) -> dict[str, Any]:
        """Return both by their names."""
        return {"mirror": self.mirror, "changes": [one.to_json() for one in self.changes]}


def outside_changes(kind: str, resource: Mapping[str, Any]) -> list[OutsideChange]:
    """Return which fields of spec or data, and which annotations and labels of Strimzi and region-mirror,
    other managers than Pulumi's set, the newest change first.

    What an operator writes to the status is a subresource of its own, and is not named.
    """
    metadata = resource.get("metadata") or {}
    found = []
    for entry in metadata.get("managedFields") or []:
        manager = str(entry.get("manager") or "")
        if manager.startswith(_PULUMI) or entry.get("subresource"):
            continue
        owned = entry.get("fieldsV1") or {}
        fields = [path for key, name in _PARTS.items() for path in _paths(owned.get(key), name)]
        fields += _of_metadata(owned.get("f:metadata") or {})
        if fields:
            name = f"{kind} {metadata.get('name')}"
            found.append(OutsideChange(name, manager, str(entry.get("time") or ""), tuple(sorted(fields))))
    return sorted(found, key=lambda one: one.time, reverse=True)


def render_changes(found: OutsideChanges, console: Console) -> None:
    """Print one line for each change."""
    if not found.changes:
        console.print(Text(f"mirror {found.mirror}: no resource was changed outside Pulumi"))
    for one in found.changes:
        console.print(Text(f"{one.resource}: {one.manager}, {one.time}: {few(one.fields, _MOST_FIELDS)}"))


def changes_markdown(found: OutsideChanges) -> str:
    """Return the same as Markdown."""
    lines = [f"### Changes outside Pulumi to mirror {code(found.mirror)}", ""]
    if not found.changes:
        return "\n".join([*lines, "None."]) + "\n"
    lines += ["| resource | changed by | time | fields |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *map(_row, found.changes)]) + "\n"


def _row(one: OutsideChange) -> str:
    shown: Sequence[str] = [code(field) for field in one.fields]
    cells = (code(one.resource), code(one.manager), code(one.time), few(shown, _MOST_FIELDS))
    return f"| {' | '.join(cells)} |"


def _of_metadata(owned: Mapping[str, Any]) -> Iterable[str]:
    for part in _OF_METADATA:
        for key in owned.get(part) or {}:
            if key.startswith(_EFFECTIVE):
                yield f"metadata.{part.removeprefix('f:')}.{key.removeprefix('f:')}"


def _paths(owned: Any, path: str) -> Iterable[str]:
    """Flatten fieldsV1: `f:NAME` is a field, `k:{...}` an entry of a list by its key, `v:...` a value of a
    set, and `.` the thing itself.
    """
    if owned is None:
        return
    children = {key: value for key, value in owned.items() if key != "."}
    if not children:
        yield path
    for key, value in children.items():
        kind, _, name = key.partition(":")
        yield from _paths(value, f"{path}.{name}" if kind == "f" else f"{path}[{name}]")
