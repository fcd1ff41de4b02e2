"""A process of the lab tests that ends by a signal is one failed test: the others run all that is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]
CONFTEST = """
from tests.lab.support.crash_safe import CrashSafe
def pytest_xdist_make_scheduler(config, log):
    return CrashSafe(config, log)
"""
CRASHES = """
import os, pathlib
def test_1(): pass
def test_2():
    crashed = pathlib.Path(__file__).with_name("crashed")
    if not crashed.exists():
        crashed.touch()
        os.abort()
def test_3(): pass
"""


def test_all_tests_run_although_a_process_ends(tmp_path: Path) -> None:
    """With the scheduler of pytest-xdist 3.8 this waits for ever."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for number in range(1, 13):
        (tmp_path / f"test_{number:02}.py").write_text("import time\ndef test_1(): time.sleep(0.1)\n")
    (tmp_path / "test_13.py").write_text(CRASHES)
    for number in range(14, 17):
        (tmp_path / f"test_{number:02}.py").write_text("def test_1(): pass\ndef test_2(): pass\n")
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"),
            *(
                "--no-loadscope-reorder",
                "-p",
                "no:cacheprovider",
                "-c",
                "/dev/null",
                "--rootdir",
                str(tmp_path),
            ),
            str(tmp_path),
        ],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 failed, 21 passed" in ran.stdout, ran.stdout + ran.stderr
