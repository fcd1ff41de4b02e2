"""The clusters that the guard of a destroy asks."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

import components.destroy_guard as module
import mirror.cutover.teardown.read as reading
import mirror.start.deployed as start
from mirror.cutover.teardown.judge import OVERRIDE, Use
from tests.unit.components.guarded import Clusters


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clusters]:
    """What would be read."""
    found = Clusters()
    monkeypatch.setattr(
        reading, "read_use", lambda settings, *_, **__: found.get(settings.mirror.name, Use())
    )
    monkeypatch.setattr(
        reading,
        "read_users",
        lambda settings, _, users, *__: (
            {one: found.acls[one] for one in users if one in found.acls},
            found.get(settings.mirror.name, Use()),
        ),
    )
    monkeypatch.setattr(start, "deployed_objects", lambda identity, *_: found.get(identity.resource, []))
    monkeypatch.setattr(module, "_released", set())
    monkeypatch.delenv(OVERRIDE, raising=False)
    yield found
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit
