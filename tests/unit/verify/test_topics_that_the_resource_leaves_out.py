"""topics-present: a topic that the deployed KafkaMirrorMaker2 does not take is not mirrored any more."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from manifests.estate import StrimziApi
from manifests.rendered import Secrets
from manifests.strimzi.deployed_flow import left_out
from manifests.strimzi.resource import read_mirror_maker2
from mirror.clients.records import Topic
from mirror.clients.topics import Topics
from mirror.rendering.assumed import Given
from mirror.rendering.stack import render_offline
from mirror.text.numbers import counted
from policy.examples import MIRROR, sound
from settings import filters
from settings.model import Settings
from tests.unit.support.made_up import settings
from tests.unit.verify.looks import judged

ORDERS, CUSTOMERS = Topic("orders.eu", 2, 1), Topic("customers", 1, 1)
BOTH = {one.name: one for one in (ORDERS, CUSTOMERS)}
SEEN = Topics(BOTH, BOTH, {name: name for name in BOTH})
NAMES = ["orders", "orders-x", "orders.eu", "a.b", "gone", "heartbeats", "__x", "billing", "west.orders"]


def rendered(declared: Settings, api: StrimziApi) -> dict[str, Any]:
    files = render_offline([declared], Given(api=api), Secrets()).files
    [resource] = [
        found for text in files.values() if (found := yaml.safe_load(text))["kind"] == "KafkaMirrorMaker2"
    ]
    return dict(resource)


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("topicsExcludePattern", "__.*, customers", ["customers"]),
        ("topicsPattern", "orders", ["orders.eu", "customers"]),
    ],
)
def test_a_topic_that_was_left_out_past_pulumi_fails(field: str, value: str, names: list[str]) -> None:
    """It was excluded by hand at night. Nobody wrote to it for hours, and the mirror was PROVEN."""
    resource = sound(((*MIRROR, field), value))
    result = judged(SEEN, "topics-present", resource=resource)["topics-present"]
    [finding] = result.findings
    assert finding.subject == field
    assert f"leaves out what the stack file mirrors: {', '.join(names)}" in finding.message
    assert f"; the KafkaMirrorMaker2 leaves out {counted(len(names), 'topic')}" in result.summary
    assert result.facts["left_out"] == {field: names}


def test_what_the_resource_takes_passes() -> None:
    assert judged(SEEN, "topics-present", resource=sound())["topics-present"].passed


@pytest.mark.parametrize("field", ["topicsPattern", "topicsExcludePattern"])
def test_a_pattern_that_only_java_reads_leaves_nothing_out(field: str) -> None:
    [flow] = read_mirror_maker2(sound(((*MIRROR, field), r"\p{Alpha}+"))).mirrors
    assert left_out(flow, ["customers"]) == {}


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
@pytest.mark.parametrize(
    "mirror",
    [
        {"topics": ["orders.*", "a\\.b"], "topics_exclude": ["orders-x"]},
        {"topics": [".*"], "heartbeats_interval_seconds": 5},
        {"topics": ["orders"], "heartbeats_interval_seconds": 5},
        {"topics": [".*"], "moved": {"topics": ["gone"], "groups": ["g"]}},
    ],
)
def test_what_a_stack_file_renders_leaves_nothing_out(mirror: dict[str, Any], api: StrimziApi) -> None:
    declared = settings(**mirror)
    [flow] = read_mirror_maker2(rendered(declared, api)).mirrors
    matched = [one for one in NAMES if filters.mirrored(declared, one)]
    assert matched
    assert left_out(flow, matched) == {}
