"""Amounts that Kubernetes or Strimzi refuses after the deployment are refused before."""

from __future__ import annotations

from typing import Any

import pytest

from settings.problems import Problem, SettingsError
from tests.unit.settings.sample import settings


def refused(**changes: Any) -> tuple[Problem, ...]:
    with pytest.raises(SettingsError) as error:
        settings(**changes)
    return error.value.problems


SECTIONS = ("workers__resources", "verification__resources", "monitoring__exporter_resources")


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("amount", ["4GB", "4g", "4 Gi", "2 cores", "", "1.5.0", "Gi", True, [2], {}])
def test_what_is_no_quantity_is_refused(section: str, amount: Any) -> None:
    path = f"{section.replace('__', '.')}.limits.memory"
    found = refused(**{section: {"limits": {"memory": amount}}})
    (problem,) = [one for one in found if one.path == path]
    assert "must be a quantity of Kubernetes" in str(problem)


@pytest.mark.parametrize(
    "amount", ["4Gi", "4G", "500m", "2", 2, 0.5, "0.5", ".5", "1.", "100k", "1e3", "128974848", "+1", "1u"]
)
def test_every_quantity_of_kubernetes_is_accepted(amount: Any) -> None:
    assert settings(workers__resources={"limits": {"memory": amount}}).workers.resources


@pytest.mark.parametrize(
    ("request_", "limit"), [("1e3", "999"), ("1Ki", "1k"), ("2E", "1E"), ("1001u", "1m"), ("1001n", "1u")]
)
def test_amounts_are_compared_in_every_notation(request_: str, limit: str) -> None:
    (problem,) = refused(workers__resources={"requests": {"memory": request_}, "limits": {"memory": limit}})
    assert f"must be at most the limit {limit}" in str(problem)


def test_no_mapping_of_amounts() -> None:
    (problem,) = refused(workers__resources={"requests": ["cpu"]})
    assert "workers.resources.requests" in str(problem)
    assert "must be a mapping of amounts" in str(problem)


def test_a_request_above_its_limit_is_refused() -> None:
    """Kubernetes refuses each pod: the mirror is declared and never starts."""
    given = {"requests": {"cpu": "1500m", "memory": "4Gi"}, "limits": {"cpu": 1, "memory": "4Gi"}}
    (problem,) = refused(workers__resources=given)
    assert "workers.resources.requests.cpu" in str(problem)
    assert "must be at most the limit 1" in str(problem)
