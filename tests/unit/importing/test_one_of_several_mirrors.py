"""The import of one mirror of a KafkaMirrorMaker2 that has several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mirror.importing.found import one_mirror
from mirror.problems import CouldNotRun

HUB = Path(__file__).parent / "mirrors" / "hub.yaml"


@pytest.fixture
def hub() -> dict[str, Any]:
    resource: dict[str, Any] = yaml.safe_load(HUB.read_text())
    return resource


def test_a_shared_alias_is_refused(hub: dict[str, Any]) -> None:
    """Their connectors have one name (KafkaMirrorMaker2Connectors of Strimzi 1.2.0)."""
    mirrors = hub["spec"]["mirrors"]
    mirrors.append(dict(mirrors[0]))
    with pytest.raises(CouldNotRun, match="2 of its mirrors have the source alias a") as refused:
        one_mirror(hub, "a")
    assert "from which all but one of them are removed" in str(refused.value)
    assert one_mirror(hub, "c")["spec"]["mirrors"] == [mirrors[1]]
