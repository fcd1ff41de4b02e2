"""Keeps the last look in a ConfigMap beside the mirror.

The stack declares the ConfigMap: whoever looks needs only `get` and `patch` on this one name. Beside a
mirror that an earlier release has deployed there is none: then it is created, if that is permitted.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from manifests.last_look import last_look
from mirror.clients.kubernetes import Kubernetes
from mirror.last_look.record import LastLook, TooLarge, decode
from mirror.last_look.take import take
from mirror.problems import AlreadyChanged, CouldNotRead, CouldNotRun, NotThere
from mirror.status.snapshot import Snapshot
from mirror.text.failures import reason_of
from settings.model import Settings
from settings.names import Names

KEY = "last-look"
"""Key of the compressed content in `binaryData`."""
LEAST_SECONDS = 10.0
"""Between two writes of one process."""
_ATTEMPTS = 3
"""To write where others, or a deployment, change the ConfigMap meanwhile."""


class LastLookStore:
    """Reads and writes the last look of one mirror."""

    def __init__(
        self, kubernetes: Kubernetes, settings: Settings, now: Callable[[], float] = time.time
    ) -> None:
        self._kubernetes = kubernetes
        self._now = now
        self._settings = settings
        self._namespace, self._name = settings.target.namespace, Names.of(settings).last_look
        self._last: LastLook | None = None
        self._version: str | None = None
        """The resourceVersion in which that was seen; None where it was not."""
        self._wrote = False

    @property
    def where(self) -> str:
        """The ConfigMap, for messages."""
        return f"ConfigMap {self._namespace}/{self._name}"

    def read(self) -> LastLook | None:
        """Return the last look; None where nobody has looked yet. Raises CouldNotRun."""
        try:
            found = self._kubernetes.request("GET", self._path(self._name), self.where, verb="get")
        except NotThere:
            self._version = None
            return None
        self._version = _version(found)
        self._last = parsed(found, self.where)
        return self._last

    def write(self, look: LastLook) -> None:
        """Replace the last look. Raises CouldNotRun; AlreadyChanged where it is not the one that was read or
        written last.
        """
        try:
            encoded = look.encode()
        except TooLarge as error:
            way_out = "mirror fewer topics: several mirrors, each with its own topics"
            raise CouldNotRun(f"writing the last look into {self.where}", str(error), way_out) from error
        data: dict[str, Any] = {
            "data": {"at": datetime.fromtimestamp(look.at, UTC).isoformat(), "about": look.about},
            "binaryData": {KEY: base64.b64encode(encoded).decode()},
        }
        patch = {**data, "metadata": {"resourceVersion": self._version}} if self._version else data
        try:
            made = self._kubernetes.request(
                "PATCH", self._path(self._name), self.where, verb="patch", body=patch
            )
        except NotThere:
            body = {**last_look(self._settings), **data}
            made = self._kubernetes.request("POST", self._path(), self.where, verb="create", body=body)
        self._last, self._version, self._wrote = look, _version(made), True

    def keep(self, seen: Snapshot, by: str, every: float | None = None) -> str:
        """Write the last look from a snapshot. Return why it could not be written, or why the one before,
        which the rates need, could not be read; else "". A check never fails for it. Looks that follow too
        soon after one that was written are not, nor is one that is older than what somebody else has written.
        """
        # Looks that come before the last one follow it all the same: the clock was set back.
        if self._wrote and self._last is not None and 0 <= seen.at - self._last.at < LEAST_SECONDS:
            return ""
        unread = ""
        try:
            if self._last is None:
                unread = self._read_before()
            for left in reversed(range(_ATTEMPTS)):
                look = None if self._is_newer(seen) else take(seen, by, self._last, every)
                try:
                    if look is not None:
                        self.write(look)
                    break
                except AlreadyChanged:
                    if not left:
                        raise
                    unread = self._read_before()
        except Exception as error:
            return f"the last look was not kept: {reason_of(error)}"
        return unread

    def _is_newer(self, seen: Snapshot) -> bool:
        """Whether the last look is newer than a snapshot. One that is dated in the future is by a clock that
        is wrong: it must not keep others from writing until then."""
        return self._last is not None and seen.at < self._last.at <= self._now()

    @property
    def last(self) -> LastLook | None:
        """The look that was read or written last."""
        return self._last

    def _read_before(self) -> str:
        """Read the look before, and return why it cannot be read: it is needed for rates only."""
        try:
            self.read()
        except CouldNotRun as error:
            return f"the last look has no rates: {reason_of(error)}"
        return ""

    def _path(self, name: str = "") -> str:
        return f"/api/v1/namespaces/{self._namespace}/configmaps" + (f"/{name}" if name else "")


def _version(config_map: Mapping[str, Any]) -> str | None:
    return (config_map.get("metadata") or {}).get("resourceVersion")


def parsed(config_map: Mapping[str, Any], where: str) -> LastLook | None:
    """Return the content of the ConfigMap; None where it is empty. Raises CouldNotRead where this release
    cannot read it.
    """
    text = (config_map.get("binaryData") or {}).get(KEY)
    if not text:
        return None
    try:
        return decode(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise CouldNotRead(
            f"reading the last look from {where}",
            str(error),
            "use the release that wrote it; the next look of `verify`, `status --watch` or the exporter "
            "replaces it",
        ) from error
