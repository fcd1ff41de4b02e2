"""A mirror that was promoted is not reported for not running, whatever the stack file says yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mirror.stacks.reading as reading
from manifests.metadata import PHASE
from policy.examples import MIRROR, changed, sound
from tests.unit.settings.sample import settings

STOPPED: Any = changed(
    sound(*(((*MIRROR, name, "state"), "stopped") for name in ("sourceConnector", "checkpointConnector"))),
    (
        ("status",),
        {
            "conditions": [{"type": "Ready", "status": "True"}],
            "connectors": [
                {"name": f"east->west.Mirror{kind}Connector", "connector": {"state": "STOPPED"}, "tasks": []}
                for kind in ("Source", "Checkpoint")
            ],
        },
    ),
)


@pytest.mark.parametrize(("phase", "found"), [("promoted", 0), ("retired", 0), ("replicate", 2)])
def test_no_finding_advises_to_start_it_again(
    monkeypatch: pytest.MonkeyPatch, phase: str, found: int
) -> None:
    """The stack file said replicate, and the remedy was to set the connectors' state to running."""
    resource = changed(STOPPED, (("metadata", "annotations"), {PHASE: phase}))

    class Deployed:
        kubernetes = None

        def __init__(self, *_: object) -> None: ...

        def read(self) -> Any:
            return resource

    monkeypatch.setattr(reading, "DeployedResource", Deployed)
    monkeypatch.setattr(reading, "_with_drift", lambda live, *_: live)
    live = reading.read_mirror(settings(), Path(), None, ())
    assert len(live.findings) == found
