"""A registry that does not answer is reported in its client's own words; none is waited for without end."""

import os
import sys
import time
from pathlib import Path

import pytest

from lab.toolchain import prerequisites
from lab.toolchain.registries import Question, ask, reason


def question(code: str, tmp_path: Path) -> Question:
    return Question("Go", (sys.executable, "-c", code), tmp_path, os.environ)


def test_answer_is_none(tmp_path: Path) -> None:
    assert ask([question("pass", tmp_path)]) == [None]


def test_each_question_gets_its_own_answer(tmp_path: Path) -> None:
    refused = question("import sys; print('go: k8s.io/utils: connection refused'); sys.exit(1)", tmp_path)
    assert ask([question("pass", tmp_path), refused]) == [None, "go: k8s.io/utils: connection refused"]


def test_silence_ends_after_the_timeout(tmp_path: Path) -> None:
    start = time.monotonic()
    answer = ask([question("import time; time.sleep(60)", tmp_path)], timeout=0.5)
    assert answer == ["no answer within 0 s"]
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("go: downloading x\ngo: k8s.io/utils: Get ...: EOF\n", "go: k8s.io/utils: Get ...: EOF"),
        ("[INFO] a\n[ERROR] Plugin unresolved\n[ERROR] -e for more\n", "[ERROR] Plugin unresolved"),
        (
            "WARNING: Retrying after Connection refused\nERROR: No matching distribution\n",
            "WARNING: Retrying after Connection refused",
        ),
        ("WARNING: retry\nERROR: No matching distribution\n", "ERROR: No matching distribution"),
        ("", "it failed without a word"),
    ],
)
def test_line_that_says_most(output: str, line: str) -> None:
    assert reason(output) == line


def test_message_tells_what_to_try() -> None:
    (missing,) = prerequisites.registry("Go", "go mod download k8s.io/utils", "connection refused")
    assert missing.found == "connection refused"
    assert "go mod download k8s.io/utils" in missing.remedy


def test_nothing_is_missing_when_it_answered() -> None:
    assert prerequisites.registry("Go", "go", None) == []
