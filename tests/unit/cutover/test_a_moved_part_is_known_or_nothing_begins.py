"""What was moved as a part is left out of every later move, or that does not begin.

A Kubernetes API that answered the first request with an error, and the next ones well, hid it: until the
stack file named the part, a rollback removed the fence of its topics, and a cutover set its groups back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manifests.metadata import MOVED
from mirror.cutover import open as opening
from mirror.cutover.open import opened
from mirror.problems import CouldNotRead
from tests.unit.support.made_up import settings


class Deployed:
    """The mirror as Kubernetes has it. `busy`: the API refuses the request."""

    busy = False

    def __init__(self, *_: object) -> None:
        pass

    def read(self) -> dict[str, Any]:
        if self.busy:
            raise CouldNotRead("reading KafkaMirrorMaker2", "Too Many Requests (429)", "try again")
        return {"metadata": {"annotations": {MOVED: '{"topics": ["payments"], "groups": ["billing"]}'}}}


class Busy(Deployed):
    busy = True


@pytest.fixture(autouse=True)
def no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "source_kubernetes_of", lambda *_: None)


def test_the_deployed_mirror_says_what_was_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "DeployedResource", Deployed)
    with opened(settings(), Path()) as world:
        moved = world.settings.mirror.moved
        assert (moved.topics, moved.groups) == (("payments",), ("billing",))


def test_nothing_begins_where_that_could_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "DeployedResource", Busy)
    with pytest.raises(CouldNotRead, match="429"), opened(settings(), Path()):
        pass
