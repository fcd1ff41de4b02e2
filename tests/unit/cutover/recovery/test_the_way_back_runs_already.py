"""Once a mirror has brought records home, `recover` is refused: nothing tells them from missing ones.

It would count them as missing, and write them to the target a second time.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Any, cast

import pytest

from manifests.metadata import PHASE, PROMOTED_AT
from mirror.cutover.mirrors_home import brings_records, leads_back
from mirror.cutover.recovery.choices import RecoveryOptions
from mirror.cutover.recovery.recover import recover
from mirror.problems import CouldNotRead, CouldNotRun
from settings.model import Settings
from tests.unit.cutover.recovery.two_clusters import SETTINGS, Scene, read
from tests.unit.support.memory_api import MemoryApi

OUT, HOME = "2026-11-28T00:00:00+00:00", "2026-11-29T00:00:00+00:00"
PREFIXES = replace(SETTINGS, mirror=replace(SETTINGS.mirror, replication_policy="default"))
NAMES_KEPT = replace(SETTINGS, mirror=replace(SETTINGS.mirror, replication_policy="identity"))


def back(topics: str = ".*", phase: str = "", at: str = "", policy: str = "Identity") -> dict[str, Any]:
    config = {"replication.policy.class": f"org.apache.kafka.connect.mirror.{policy}ReplicationPolicy"}
    flow = {"source": {"alias": "west"}, "topicsPattern": topics, "sourceConnector": {"config": config}}
    annotations = {PHASE: phase, PROMOTED_AT: at} if phase else {}
    return {
        "kind": "KafkaMirrorMaker2",
        "metadata": {"name": "west-to-east", "namespace": "kafka", "annotations": annotations},
        "spec": {"target": {"alias": "east"}, "mirrors": [flow]},
    }


@pytest.mark.parametrize(
    ("settings", "mirror", "brings"),
    [
        (NAMES_KEPT, back(), True),
        (NAMES_KEPT, back("orders"), True),
        (NAMES_KEPT, back("payments"), False),
        (NAMES_KEPT, back(phase="promoted", at=HOME), True),
        (NAMES_KEPT, back("payments", "promoted", HOME), False),
        (NAMES_KEPT, back(phase="promoted", at="2026-11-01T00:00:00+00:00"), False),
        (PREFIXES, back(policy="Default"), False),
        (PREFIXES, back(phase="promoted", at=HOME, policy="Default"), True),
    ],
)
def test_which_mirrors_bring_records_to_the_topics_of_the_way_out(
    settings: Settings, mirror: dict[str, Any], brings: bool
) -> None:
    settings = replace(settings, mirror=replace(settings.mirror, topics=("orders", "customers")))
    assert bool(brings_records(settings, OUT, [mirror])) == brings


def test_a_policy_that_is_not_known_here_may_lead_back() -> None:
    assert leads_back(NAMES_KEPT, back(policy="x.Own"))


def run(scene: Scene, api: MemoryApi) -> Any:
    with ExitStack() as stack:
        world = replace(scene.world(stack), source_kubernetes=cast(Any, api))
        return recover(world, RecoveryOptions(groups=False, write=True, to="topic"))


def test_recover_writes_nothing_a_second_time(scene: Scene) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    api = MemoryApi()
    api.put(api.strimzi_path("KafkaMirrorMaker2", "kafka", "west-to-east"), back("orders"))
    with pytest.raises(CouldNotRun) as refused:
        run(scene, api)
    assert "mirror west-to-east copies west to east" in refused.value.happened
    assert len(read(scene.target, "orders", 0, 250)) == 250


def test_what_could_not_be_asked_is_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})

    def forbidden(*_: object) -> list[Any]:
        raise CouldNotRead("reading the KafkaMirrorMaker2 resources", "forbidden", "ask for list")

    monkeypatch.setattr(MemoryApi, "strimzi_list", forbidden)
    report = run(scene, MemoryApi())
    assert report.left == 0
    assert "whether a mirror copies west back is not known: forbidden" in report.notes


def test_an_old_region_without_kubernetes_is_not_one_without_mirrors(scene: Scene) -> None:
    """A way back that was written by hand runs elsewhere, and nothing said that nobody had looked for it."""
    scene.promoted({"orders": [250, 0, 0, 0]})
    told = "whether a mirror copies west back is not known: its Kubernetes is not in the stack file"
    assert told in scene.run().notes
