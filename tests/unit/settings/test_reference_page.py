"""docs/settings.md is what the code says."""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path

from settings.model import Settings
from settings.reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text() == reference(), "run: python -m settings.reference > docs/settings.md"


def test_every_setting_is_on_it() -> None:
    page = reference()
    for section, kind in typing.get_type_hints(Settings).items():
        assert f"## {section}" in page
        for field in dataclasses.fields(kind):
            assert f"| `{field.name}` |" in page
            assert field.metadata["doc"].endswith(".")
