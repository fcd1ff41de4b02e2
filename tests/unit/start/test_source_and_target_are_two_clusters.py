"""One cluster as source and target is refused before its own topics pass for leftovers, to be deleted."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mirror.problems import CouldNotRun
from mirror.start.leftovers.read import look
from tests.unit.support.made_up import settings


def sides(source: str, target: str) -> Any:
    """Two clusters that answer nothing but their ids."""
    return SimpleNamespace(
        source=SimpleNamespace(cluster_id=source), target=SimpleNamespace(cluster_id=target)
    )


def test_one_cluster_has_no_leftovers() -> None:
    with pytest.raises(CouldNotRun) as caught:
        look(settings(), sides("abc", "abc"), None)
    assert "both are Kafka cluster abc" in str(caught.value)
    assert "Delete no topic: they are the source's" in str(caught.value)


@pytest.mark.parametrize("ids", [("abc", "def"), ("", "")])
def test_two_clusters_are_looked_at(ids: tuple[str, str]) -> None:
    with pytest.raises(AttributeError):  # the first question, which these cannot answer
        look(settings(), sides(*ids), None)


def test_a_mirror_that_is_not_to_run_is_no_problem() -> None:
    stopped = replace(settings(), mirror=replace(settings().mirror, state="stopped"))
    with pytest.raises(AttributeError):
        look(stopped, sides("abc", "abc"), None)
