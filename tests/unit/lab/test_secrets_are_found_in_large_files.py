"""Secrets are searched for in the lab's logs piece by piece: a flooded log fails a test, not the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.support import known_secrets
from tests.lab.support.known_secrets import leaks_of_file

KNOWN = {"the password": "correct-horse", "the key": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"}


@pytest.mark.parametrize("before", range(40))
def test_a_secret_is_found_wherever_a_piece_ends(
    before: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_secrets, "_AT_A_TIME", 8)
    log = tmp_path / "worker.log"
    log.write_bytes(b"x" * before + b"correct-horse" + b"\xff\n" * 20)
    assert leaks_of_file(KNOWN, log) == ["the password"]


def test_what_only_resembles_a_secret_is_none(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("correct-hors" + "e " * 100)
    assert leaks_of_file({"the password": "correct-horse!"}, log) == []
