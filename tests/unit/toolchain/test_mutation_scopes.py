"""A module or a test that was renamed is renamed in the scopes of the mutation tests, too."""

from __future__ import annotations

from pathlib import Path

from tests.mutation.scopes import missing


def test_every_file_of_every_scope_exists() -> None:
    assert missing(Path(__file__).parents[3]) == []
