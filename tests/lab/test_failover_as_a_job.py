"""The failover as a Job beside the target, with the account that it is printed with: first the dry run, which
changes nothing, then the one that promotes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from mirror.mm2.phase import PROMOTED, REPLICATE, phase_of
from tests.lab.support import kafka
from tests.lab.support.command import run
from tests.lab.support.lab import Regions
from tests.lab.support.objects import BATCH, CORE, RBAC, Objects
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

IMAGE = "registry.example.com/platform/region-mirror:lab"
PLACES = {
    "ServiceAccount": (CORE, "serviceaccounts"),
    "Role": (RBAC, "roles"),
    "RoleBinding": (RBAC, "rolebindings"),
    "ConfigMap": (CORE, "configmaps"),
    "Job": (BATCH, "jobs"),
}


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    with own_mirror(regions, "failjob") as made:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce("a", "b", "c")
        made.stack.up().ok()
        yield made


def done(mirror: OwnMirror, objects: Objects, *options: str) -> tuple[str, str]:
    """Create what is printed, and return the Job's end and the pod's log. Nothing of it remains."""
    argv = [sys.executable, "-m", "mirror", "failover", "job", "--image", IMAGE, "--source-is-alive"]
    argv += [*options, "--config-file", str(mirror.stack.file)]
    printed = run(argv, cwd=mirror.stack.project, env=mirror.stack.environment).ok()
    manifests: list[dict[str, Any]] = list(yaml.safe_load_all(printed.stdout))
    name = manifests[-1]["metadata"]["name"]
    try:
        for one in manifests:
            objects.make(*PLACES[one["kind"]], one)
        conditions = until(
            f"the end of Job {name}",
            lambda: [
                one["type"]
                for one in objects.get(BATCH, "jobs", name).get("status", {}).get("conditions") or ()
                # Kubernetes says SuccessCriteriaMet before it says Complete.
                if one["status"] == "True" and one["type"] in ("Complete", "Failed")
            ],
            seconds=180,
        )
        logs = sorted((mirror.regions.lab.logs / "pods").glob(f"*_{name}-*.log"))
        return "Complete" if "Complete" in conditions else "Failed", "".join(one.read_text() for one in logs)
    finally:
        for one in manifests:
            objects.delete(*PLACES[one["kind"]], name)


def test_the_dry_run_changes_nothing_and_the_other_one_promotes(mirror: OwnMirror, regions: Regions) -> None:
    objects = Objects(regions)

    def phase() -> str:
        return phase_of(objects.api.strimzi("KafkaMirrorMaker2", "kafka", mirror.name))

    end, log = done(mirror, objects)
    assert end == "Complete", log
    assert "stop-mirror" in log
    assert phase() == REPLICATE
    end, log = done(mirror, objects, "--promote")
    assert end == "Complete", log
    assert phase() == PROMOTED
    mirror.produce("late")
    assert mirror.copied() == [b"a", b"b", b"c"]
