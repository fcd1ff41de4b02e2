"""`make demo` does not bring up a lab that its stack file cannot find."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from lab.demo import demo
from lab.errors import LabError
from lab.layout import Lab


def test_another_folder_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"REGION_MIRROR_LAB=.*elsewhere: .* Unset REGION_MIRROR_LAB"):
        demo(Lab(tmp_path / "elsewhere"), Console())
    assert not list(tmp_path.iterdir())
