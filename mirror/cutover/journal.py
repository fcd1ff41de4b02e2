"""The journal: evidence, and what must be put back, in a ConfigMap beside the mirror.

It is never the truth about how far a cutover is. What must be put back is also on the changed objects, where
these can hold it; ACLs, offsets of groups and the ends at the promotion are in the journal only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from manifests.metadata import metadata
from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.events import Event
from mirror.cutover.step import JSON
from mirror.problems import AlreadyChanged, CouldNotRun, NotThere
from settings.model import Settings
from settings.names import Names

VERSION = 1
LIMIT_BYTES = 900_000
"""A ConfigMap holds 1 MiB (`MaxSecretSize` in Kubernetes' validation); this leaves room for its metadata."""
_KEY = "journal.json"
EXPENDABLE = (
    ("promote", "offsets-renewed"),
    ("place-groups", "placed"),
    ("place-groups", "first"),
    ("promote", "groups"),
    ("move-groups", "offsets-before"),
    ("promote", "resumes"),
    ("promote", "target-ends-of-parts"),
    ("promote", "target-ends"),
)
"""Values of an estate with thousands of topics and groups that are emptied where all together are too many,
in this order: without them a report has less, a rollback leaves the groups' offsets, and ends are found by
content. A move that has begun must not end for that.
"""
_EVENT_BYTES = 50_000
"""An event with more has no evidence in the journal: it would drive out all others."""
_ATTEMPTS = 3
_WRITTEN = frozenset({"acting", "done", "stopped", "undoing", "undone", "undo-failed", "ended"})
"""The events that are worth keeping; looks repeat themselves."""


class ConfigMapJournal:
    """Reads the journal once and writes each change at once. The Lease keeps a second writer away; who has
    lost it, as a machine that slept, is refused: a stale journal would take the place of the newer one.
    """

    def __init__(self, kubernetes: Kubernetes, settings: Settings) -> None:
        self._kubernetes = kubernetes
        self._settings = settings
        self._namespace, self._name = settings.target.namespace, Names.of(settings).cutover
        self._exists = True
        self._unwritten = False
        self._version: str | None = None
        self._ours: set[str | None] = set()
        """Texts that the ConfigMap may have: the last one that was seen there, and those sent since."""
        self._content = self._read()

    @property
    def where(self) -> str:
        """The ConfigMap, for messages."""
        return f"ConfigMap {self._namespace}/{self._name}"

    @property
    def events(self) -> list[dict[str, JSON]]:
        """What earlier runs and this one have written, oldest first."""
        return list(self._content["events"])

    def keep(self, step: str, key: str, value: JSON) -> None:
        """Write down a value that an undo needs. Raises CouldNotRun, also again where an earlier call did."""
        if self.kept(step, key) != value:
            self._content["kept"].setdefault(step, {})[key] = value
            self._unwritten = True
        self.flush()

    def kept(self, step: str, key: str) -> JSON:
        """Return a value that was written down, or None."""
        return self._content["kept"].get(step, {}).get(key)

    def forget(self, step: str, key: str) -> None:
        """Remove a value after it was put back. Raises CouldNotRun."""
        if self._content["kept"].get(step, {}).pop(key, None) is not None:
            self._unwritten = True
        self.flush()

    def knows(self, *steps: str) -> bool:
        """Whether it says that one of these steps has acted or was done."""
        return any(
            one.get("step") in steps and one["event"] in ("acting", "done") for one in self._content["events"]
        )

    def record(self, event: Event, by: str) -> None:
        """Keep an event that changes something or ends a step. Raises CouldNotRun."""
        if event.kind in _WRITTEN:
            found = {**event.to_json(), "by": by}
            if len(json.dumps(found)) > _EVENT_BYTES:
                found.get("verdict", {}).pop("evidence", None)
            self._content["events"].append(found)
            self._unwritten = True
            self.flush()

    def confirm(self) -> None:
        """Return where nobody else has written to it since. Raises CouldNotRun."""
        with suppress(NotThere):  # deleted: nobody has written
            if _text(self._now()) not in self._ours:
                raise self._written_by_others()

    def flush(self) -> None:
        """Write what an earlier call could not write. Raises CouldNotRun."""
        if self._unwritten:
            self._write()
            self._unwritten = False

    def _path(self, name: str = "") -> str:
        return f"/api/v1/namespaces/{self._namespace}/configmaps" + (f"/{name}" if name else "")

    def _read(self) -> dict[str, Any]:
        try:
            found = self._now()
        except NotThere:
            self._exists = False
            return {"version": VERSION, "kept": {}, "events": []}
        self._seen(found)
        return parsed(found, self.where)

    def _now(self) -> Mapping[str, Any]:
        return self._kubernetes.request("GET", self._path(self._name), self.where, verb="get")

    def _seen(self, found: Mapping[str, Any]) -> None:
        self._version = (found.get("metadata") or {}).get("resourceVersion")
        self._ours = {_text(found)}

    def _write(self) -> None:
        text = bounded(self._content)
        self._ours.add(text)
        for _ in range(_ATTEMPTS):
            try:
                self._seen(self._send(text))
                return
            except NotThere:
                if not self._exists:
                    raise
                # Somebody has deleted it: this run has what a later one, or its rollback, must put back.
                self._exists, self._version = False, None
            except AlreadyChanged:
                # An earlier answer was lost, somebody changed a label, or another operator has written.
                found = self._now()
                if _text(found) not in self._ours:
                    break
                self._exists, self._version = True, (found.get("metadata") or {}).get("resourceVersion")
        raise self._written_by_others()

    def _written_by_others(self) -> CouldNotRun:
        return CouldNotRun(
            f"writing the journal of the cutover in {self.where}",
            "another operator has written to it since",
            "nothing was changed in it. See what they did with `cutover status` or `failover status`, and "
            "run the command again if it is still needed",
        )

    def _send(self, text: str) -> Mapping[str, Any]:
        data = {_KEY: text}
        if self._exists:
            version = {} if self._version is None else {"metadata": {"resourceVersion": self._version}}
            body: Mapping[str, Any] = {**version, "data": data}
            return self._kubernetes.request(
                "PATCH", self._path(self._name), self.where, verb="patch", body=body
            )
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata(self._settings, self._name),
            "data": data,
        }
        made = self._kubernetes.request("POST", self._path(), self.where, verb="create", body=body)
        self._exists = True
        return made


def _text(config_map: Mapping[str, Any]) -> str | None:
    return (config_map.get("data") or {}).get(_KEY)


def parsed(config_map: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the content of the ConfigMap. Raises CouldNotRun where this release cannot read it."""
    tried = f"reading the journal of the cutover in {where}"
    way_out = (
        f"use the release that wrote it. Without {where} a rollback does not know what it has to put back "
        "(the fence's ACLs, offsets of groups, a part's topics), nor `recover` the ends at the promotion: "
        "save it (`kubectl get -o yaml`) before anybody deletes it"
    )
    try:
        content = json.loads((config_map.get("data") or {})[_KEY])
        version = content["version"]
        if version != VERSION:
            raise CouldNotRun(
                tried, f"it has version {version}, this release reads version {VERSION}", way_out
            )
        return {"version": version, "kept": dict(content["kept"]), "events": list(content["events"])}
    except (ValueError, KeyError, TypeError) as error:
        raise CouldNotRun(tried, f"it is damaged ({type(error).__name__}: {error})", way_out) from error


def bounded(content: Mapping[str, Any], limit: int = LIMIT_BYTES) -> str:
    """Return the content as JSON of at most `limit` bytes: the oldest events are dropped, and then what is
    EXPENDABLE, never a value without which producers or workloads would stay stopped.
    """
    events, expendable = list(content["events"]), list(EXPENDABLE)
    kept: dict[str, dict[str, JSON]] = {step: dict(values) for step, values in content["kept"].items()}
    while True:
        text = json.dumps({**content, "kept": kept, "events": events}, ensure_ascii=False)
        if len(text.encode()) <= limit:
            return text
        if not events and expendable:
            step, key = expendable.pop(0)
            if key in kept.get(step, {}):
                kept[step][key] = {}
            continue
        if not events:
            what = f"what must be put back needs more than {limit} bytes"
            way_out = "move fewer topics at a time: several mirrors, each with its own topics"
            raise CouldNotRun("writing the journal of the cutover", what, way_out)
        events = events[len(events) // 2 + 1 :]
