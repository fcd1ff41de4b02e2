"""The state of an audit on disk: after a kill -9, an audit resumes with the loss of some seconds.

    <cache>/region-mirror/audit/<stack and mirror>-<key>/
        cut.json             the cut, so that the resumed audit compares the same offsets
        done.jsonl           one line for each finished partition; an incomplete last line is ignored
        place-7.json         the resume point of partition 7; replaced atomically
        residue-7/           its records without a tie; rows after the resume point are truncated
        differences-7.jsonl  all differences of partition 7; absent if there is none

A power failure may cost more work, never correctness: what another file refers to is on disk first (fsync),
and what is torn is ignored, so that its partition begins anew.

The key is a digest of topic ids, partitions and settings, so every other audit has a folder of its own. The
folder is deleted when the audit is done.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from mirror.audit.cut import Cut
from mirror.audit.extent import ResumePoint
from mirror.audit.findings import PartitionResult, RecordDifference
from mirror.audit.residue import Residue
from mirror.problems import CouldNotRun

SYNC_SECONDS = 1.0
"""Longest time between two writes of finished partitions to disk: one for each of thousands would take
minutes.
"""


def default_root() -> Path:
    """Return the folder in the user's cache (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "region-mirror" / "audit"


class AuditState:
    """The folder of one audit; create it with `open`. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.resumed = False
        self._lock = threading.Lock()
        self._done: dict[int, PartitionResult] = {}
        self._synced = float("-inf")

    @classmethod
    @contextmanager
    def open(
        cls, root: Path, name: str, key: str, make: Callable[[], Cut], fresh: bool = False
    ) -> Iterator[tuple[AuditState, Cut]]:
        """Open the state of an audit; yield it with its cut: the stored one, else (or if `fresh`) `make`'s.

        Raises CouldNotRun if another process uses the state, or if the folder cannot be written.
        """
        folder = root / f"{re.sub(r'[^A-Za-z0-9.-]', '_', name)}-{key}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = (root / f"{folder.name}.lock").open("w")
        except OSError as error:
            raise CouldNotRun(
                "keeping the audit's state", str(error), "choose a folder with --state"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise CouldNotRun(
                    f"keeping the audit's state in {folder}",
                    "another process runs the same audit",
                    "wait until it ends, or choose another folder with --state",
                ) from error
            state = cls(folder)
            if fresh:
                state._empty()
            cut = state._load()
            if cut is None:
                cut = make()
                state._write("cut.json", cut.to_json())
            yield state, cut

    @property
    def done(self) -> Mapping[int, PartitionResult]:
        """Results of the finished partitions, by their number in the cut."""
        return dict(self._done)

    def place(self, number: int) -> tuple[ResumePoint | None, Residue]:
        """Return resume point and residue of a partition; None and an empty one if they cannot be read."""
        folder = self.folder / f"residue-{number}"
        try:
            place = ResumePoint.from_json(json.loads((self.folder / f"place-{number}.json").read_text()))
            return place, Residue(folder, place.sizes)
        except (OSError, ValueError, KeyError, TypeError):
            shutil.rmtree(folder, ignore_errors=True)
            return None, Residue(folder)

    def save(self, number: int, place: ResumePoint) -> None:
        """Save the resume point of a partition, after the residue's rows up to it."""
        if any(place.sizes):
            Residue.to_disk(self.folder / f"residue-{number}")
        self._write(f"place-{number}.json", place.to_json(), sync=any(place.sizes))

    @contextmanager
    def differences(self, number: int) -> Iterator[Callable[[RecordDifference], None]]:
        """Yield the function that writes a difference of a partition; the first one creates the file."""
        path = self._differences(number)
        path.unlink(missing_ok=True)
        file = None

        def write(one: RecordDifference) -> None:
            nonlocal file
            if file is None:
                file = path.open("w", encoding="utf-8")
            file.write(json.dumps(one.to_json()) + "\n")

        try:
            yield write
        finally:
            if file is not None:
                _to_disk(file)
                file.close()

    def finish(self, number: int, result: PartitionResult) -> None:
        """Save the result of a finished partition; delete its resume point and residue."""
        with self._lock, (self.folder / "done.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"number": number, "result": result.to_json()}) + "\n")
            if (
                time.monotonic() - self._synced >= SYNC_SECONDS
            ):  # a line that is lost costs its partition only
                _to_disk(file)
                self._synced = time.monotonic()
            self._done[number] = result
        (self.folder / f"place-{number}.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder / f"residue-{number}", ignore_errors=True)

    def every_difference(self, number: int) -> Iterator[RecordDifference]:
        """Yield all differences of a finished partition."""
        path = self._differences(number)
        if path.exists():
            with path.open(encoding="utf-8") as file:
                for line in file:
                    yield RecordDifference.from_json(json.loads(line))

    def remove(self) -> None:
        """Delete the state after the report."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _differences(self, number: int) -> Path:
        return self.folder / f"differences-{number}.jsonl"

    def _load(self) -> Cut | None:
        try:
            cut = Cut.from_json(json.loads((self.folder / "cut.json").read_text()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            self._empty()
            return None
        self.resumed = True
        done = self.folder / "done.jsonl"
        whole = 0
        for line in done.read_bytes().splitlines(keepends=True) if done.exists() else ():
            try:
                plain = json.loads(line)
                self._done[plain["number"]] = PartitionResult.from_json(plain["result"])
            except (ValueError, KeyError, TypeError):
                break
            whole += len(line)
        if done.exists():
            os.truncate(done, whole)
        return cut

    def _empty(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _write(self, name: str, plain: Mapping[str, Any], *, sync: bool = True) -> None:
        fresh = self.folder / f"{name}.new"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(json.dumps(plain))
            if sync:
                _to_disk(file)
        fresh.replace(self.folder / name)
        if sync:
            _folder_to_disk(self.folder)


def _to_disk(file: IO[str]) -> None:
    """Let a file survive a power failure, not only a kill: before another file refers to it (fsync(2))."""
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
