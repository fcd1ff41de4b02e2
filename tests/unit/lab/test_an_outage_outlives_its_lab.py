"""The drill of a failover was killed and its lab with it: the outage that brings east back finds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import outage
from lab.down import down
from lab.errors import LabError
from lab.layout import Lab
from lab.processes import ProcessSpec


def test_it_leaves_nothing_that_would_keep_the_next_lab_away(tmp_path: Path) -> None:
    """Its declarations made a folder without a lab, which `up` and `down` refuse as somebody else's."""
    lab = Lab(tmp_path / "lab")
    with pytest.raises(LabError, match="there is no lab at"):
        outage.restore(lab, "east", {"east-kafka": ProcessSpec("east-kafka", ("kafka",))})
    assert not lab.root.exists()
    assert down(lab) == []
