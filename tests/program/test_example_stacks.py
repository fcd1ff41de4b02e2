"""Every example stack: what reaches Kubernetes, in full, and Strimzi's CRDs accept it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.program.crd import problems
from tests.program.examples import EXAMPLES, dump, manifests, stack


def test_there_are_examples() -> None:
    assert {"lab", "prod-west", "two-way", "three-sources-one-target"} <= set(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_manifests_are_the_golden_ones(example: str, golden: Callable[[str, str], None]) -> None:
    rendered = [manifest for settings in stack(example) for manifest in manifests(settings)]
    golden(f"{example}.yaml", dump(rendered))


@pytest.mark.parametrize("example", EXAMPLES)
def test_strimzis_crds_accept_them(example: str) -> None:
    for settings in stack(example):
        custom = [m for m in manifests(settings) if "strimzi" in m["apiVersion"]]
        assert custom
        for manifest in custom:
            assert problems(manifest) == [], manifest["metadata"]["name"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_mirrors_of_a_stack_share_no_resource(example: str) -> None:
    places = [
        (settings.target.context, m["kind"], m["metadata"]["namespace"], m["metadata"]["name"])
        for settings in stack(example)
        for m in manifests(settings)
    ]
    assert len(set(places)) == len(places)
