"""What one run of Strimzi 1.2.0's own Cluster Operator produced."""

from pathlib import Path
from typing import Any

import pytest
import yaml

OBSERVED = Path(__file__).parent / "observed"


@pytest.fixture
def resource() -> dict[str, Any]:
    """The KafkaMirrorMaker2 that was applied, as the API server would hand it back."""
    value: dict[str, Any] = yaml.safe_load((OBSERVED / "resource.yaml").read_text())
    value["metadata"] |= {
        "namespace": "mm2",
        "uid": "6299f383-7ea8-462d-a5c2-c2065a5780d0",
        "generation": 1,
    }
    return value


@pytest.fixture
def config_map() -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load((OBSERVED / "worker-config.yaml").read_text())
    return value


@pytest.fixture
def rest_calls() -> list[str]:
    """One call a line: method, path, body."""
    return (OBSERVED / "connect-rest.log").read_text().splitlines()
