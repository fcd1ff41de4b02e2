"""Who changed the deployed resources of a mirror outside Pulumi, by what the API server records of each field
(`metadata.managedFields`, Kubernetes' server-side apply).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from mirror.text.markdown import code, prose
from mirror.text.names import few

_PULUMI = "pulumi-kubernetes"
"""How the names of Pulumi's field managers begin."""
_OURS = "region-mirror"
"""How the names of region-mirror's own field managers begin."""
_PARTS = {f"f:{part}": part for part in ("spec", "data", "binaryData", "rules", "roleRef", "subjects")}
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
    """The changes to one mirror's resources. `unread`: why kinds could not be read, by kind."""

    mirror: str
    changes: tuple[OutsideChange, ...]
    unread: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return all three by their names."""
        changes = [one.to_json() for one in self.changes]
        return {"mirror": self.mirror, "changes": changes, "unread": dict(self.unread)}

    @property
    def notes(self) -> list[str]:
        """What the changes do not tell, and how to undo them."""
        lines = [f"Not read: {kind}: {reason}" for kind, reason in self.unread.items()]
        if any(one.manager.startswith(_OURS) for one in self.changes):
            lines.append(
                "A change by region-mirror is that of a cutover or a failover (`cutover status`, `failover "
                "status`). Overwrite nothing while one is in progress: complete it, or roll it back"
            )
        elif self.changes:
            lines.append(
                "`pulumi up` stops at a field that has another value than the stack declares (Apply failed "
                "with a conflict). Put the value into the stack file, set the field back by hand, or let the "
                "stack overwrite it: PULUMI_K8S_ENABLE_PATCH_FORCE=true in the environment of `pulumi up`, "
                "then `pulumi up` without it: Pulumi's state keeps it, and a look for drift would tell of it"
            )
        else:
            lines.append("Kubernetes keeps no record here of who deleted an object")
        return lines


def outside_changes(kind: str, resource: Mapping[str, Any]) -> list[OutsideChange]:
    """Return which fields of spec or data, and which annotations and labels of Strimzi and region-mirror,
    other managers than Pulumi's set, the newest change first.

    What an operator writes to the status is not named. A field that `kubectl scale` or an autoscaler sets is:
    the API server records it under the subresource `scale`.
    """
    metadata = resource.get("metadata") or {}
    found = []
    for entry in metadata.get("managedFields") or []:
        manager = str(entry.get("manager") or "")
        if manager.startswith(_PULUMI) or entry.get("subresource") == "status":
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
        which = "that could be read " if found.unread else ""
        console.print(Text(f"mirror {found.mirror}: no resource {which}was changed outside Pulumi"))
    for one in found.changes:
        console.print(Text(f"{one.resource}: {one.manager}, {one.time}: {few(one.fields, _MOST_FIELDS)}"))
    for note in found.notes:
        console.print(Text(note))


def changes_markdown(found: OutsideChanges) -> str:
    """Return the same as Markdown."""
    lines = [f"### Changes outside Pulumi to mirror {code(found.mirror)}", ""]
    if found.changes:
        lines += ["| resource | changed by | time | fields |", "| --- | --- | --- | --- |"]
        lines += map(_row, found.changes)
    else:
        lines.append("None of the kinds that could be read." if found.unread else "None.")
    return "\n".join([*lines, "", *(f"- {prose(note)}." for note in found.notes)]) + "\n"


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
