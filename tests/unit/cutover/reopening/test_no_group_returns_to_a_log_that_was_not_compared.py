"""Where nobody could read whether the original is still the mirrored log, no group is set by its offsets."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.clients.reader import Reader
from mirror.clients.records import Unread
from tests.unit.cutover.reopening import test_groups_continue_in_the_original as homes
from tests.unit.cutover.reopening.test_groups_continue_in_the_original import COPY, Scene

scene = homes.scene


@pytest.mark.parametrize("offset", [201, 251])
def test_a_group_is_not_set_to_an_offset_of_another_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, offset: int
) -> None:
    """One that had read all of the copy was set behind MM2's position, wherever that is in the log now."""
    scene.west = {"billing": {COPY: offset}}
    real = Reader.records

    def slow(self: Reader, *given: Any) -> Any:
        return {one: [Unread("not read in time")] for one in real(self, *given)}

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "records", slow)
        verdict = scene.run(act=True)
    assert (verdict.state, scene.east) == ("blocked", {})
    assert "whether the topic was restored since could not be read: not read in time" in verdict.text
    assert scene.run(act=True).state == "done"
