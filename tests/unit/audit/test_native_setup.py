"""Where the native reader finds librdkafka, and where its compiled code is kept."""

from __future__ import annotations

import _ctypes
import os
import subprocess
import sys
from pathlib import Path

import confluent_kafka
import pytest
from confluent_kafka import cimpl

from mirror.audit.native import compiling, library
from mirror.problems import CouldNotRun

PROJECT = Path(__file__).parents[3]


def test_it_is_the_library_of_confluent_kafka() -> None:
    assert library.library().rd_kafka_version() == confluent_kafka.libversion()[1]


def test_a_wheel_without_the_library_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cimpl, "__file__", str(tmp_path / "cimpl.so"))
    monkeypatch.setattr(library, "_bundled", lambda: [Path(_ctypes.__file__)])
    with pytest.raises(CouldNotRun, match="brings none whose functions can be called") as raised:
        library.library.__wrapped__()
    assert "--only-binary :all:" in raised.value.way_out


def test_the_copy_beside_the_wheel_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cimpl, "__file__", str(tmp_path / "cimpl.so"))
    if not library._bundled():
        pytest.skip("confluent-kafka was built against the system's librdkafka")
    assert library.library.__wrapped__().rd_kafka_version() == confluent_kafka.libversion()[1]


def test_compiled_code_is_kept_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert compiling.cache_folder.__wrapped__().parent == tmp_path


def test_without_a_place_that_can_be_written_to_it_is_kept_for_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = compiling.cache_folder.__wrapped__()
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0


def test_the_first_start_is_announced_and_the_next_is_not(tmp_path: Path) -> None:
    script = "from mirror.audit.native.log import compile_reader; compile_reader(print)"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(PROJECT)}
    said = [
        subprocess.run(
            [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    ]
    assert said[0].startswith("compiling the audit's reader for this machine, once")
    assert said[1] == ""
