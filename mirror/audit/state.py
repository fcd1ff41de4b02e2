"""What an audit keeps on disk, so that a kill -9 costs it some seconds.

    <cache>/region-mirror/audit/<stack and mirror>-<key>/
        cut.json             what is audited: kept, so that the resumed audit judges the same
        done.jsonl           one line a finished partition; a last line that is torn is as if never written
        place-7.json         where partition 7 is; written whole or not at all
        residue-7/           what it found so far; what was written after the place is cut off
        differences-7.jsonl  all differences of partition 7, where there are any

The key names topics by id, partitions and settings: any other audit has a folder of its own. The folder goes
when the audit is done.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mirror.audit.cut import Cut
from mirror.audit.extent import Place
from mirror.audit.findings import Difference, PartitionResult
from mirror.audit.residue import Residue
from mirror.problems import CouldNotRun


def default_root() -> Path:
    """The user's cache (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "region-mirror" / "audit"


class State:
    """One audit's folder; `open` it. Several threads may use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.resumed = False
        self._lock = threading.Lock()
        self._done: dict[int, PartitionResult] = {}

    @classmethod
    @contextmanager
    def open(
        cls, root: Path, name: str, key: str, make: Callable[[], Cut], fresh: bool = False
    ) -> Iterator[tuple[State, Cut]]:
        """The state of this audit with its cut: the one that it began with, or a new one from `make`, which
        `fresh` asks for.

        Raises CouldNotRun when another process is at it, or the folder cannot be written.
        """
        folder = root / f"{re.sub(r'[^A-Za-z0-9.-]', '_', name)}-{key}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = (root / f"{folder.name}.lock").open("w")
        except OSError as error:
            raise CouldNotRun(
                "keeping the audit's state", str(error), "name a folder with --state"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise CouldNotRun(
                    f"keeping the audit's state in {folder}",
                    "another process audits the same",
                    "wait for it, or name another folder with --state",
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
        """Finished partitions by their number in the cut."""
        return dict(self._done)

    def place(self, number: int) -> tuple[Place | None, Residue]:
        """Where a partition is, with its residue; from the start where that cannot be read."""
        folder = self.folder / f"residue-{number}"
        try:
            place = Place.from_json(json.loads((self.folder / f"place-{number}.json").read_text()))
            return place, Residue(folder, place.sizes)
        except (OSError, ValueError, KeyError, TypeError):
            shutil.rmtree(folder, ignore_errors=True)
            return None, Residue(folder)

    def save(self, number: int, place: Place) -> None:
        """Keeps a partition's place."""
        self._write(f"place-{number}.json", place.to_json())

    @contextmanager
    def differences(self, number: int) -> Iterator[Callable[[Difference], None]]:
        """Writes all differences of a partition: the file comes with the first."""
        path = self._differences(number)
        path.unlink(missing_ok=True)
        file = None

        def write(one: Difference) -> None:
            nonlocal file
            if file is None:
                file = path.open("w", encoding="utf-8")
            file.write(json.dumps(one.to_json()) + "\n")

        try:
            yield write
        finally:
            if file is not None:
                file.close()

    def finish(self, number: int, result: PartitionResult) -> None:
        """A partition is done: its place and residue are not needed any more."""
        with self._lock, (self.folder / "done.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"number": number, "result": result.to_json()}) + "\n")
            self._done[number] = result
        (self.folder / f"place-{number}.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder / f"residue-{number}", ignore_errors=True)

    def every_difference(self, number: int) -> Iterator[Difference]:
        """All differences of a finished partition."""
        path = self._differences(number)
        if path.exists():
            with path.open(encoding="utf-8") as file:
                for line in file:
                    yield Difference.from_json(json.loads(line))

    def remove(self) -> None:
        """The audit is done and told."""
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

    def _write(self, name: str, plain: Mapping[str, Any]) -> None:
        fresh = self.folder / f"{name}.new"
        fresh.write_text(json.dumps(plain), encoding="utf-8")
        fresh.replace(self.folder / name)
