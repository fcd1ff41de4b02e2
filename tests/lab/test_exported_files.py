"""Files that kubectl really exported at the source: encrypted in the stack file, or plain with a warning."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.command import run
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import cluster, deployed, flow, live
from tests.lab.support.stack import Stack

NAME, USER, TOPIC = "exported", "exported-reader", "exported-log"
RECORDS = 40
RIGHTS = (
    Acl("topic", TOPIC, "literal", ("DescribeConfigs", "Read")),
    Acl("group", "*", "literal", ("Describe",)),
)
FILES = {"cluster_ca": ("sourceclustercert.yaml", "east-cluster-ca-cert"), "user": ("sourceuser.yaml", USER)}


@pytest.fixture(scope="module")
def exports(regions: Regions) -> Iterator[dict[str, str]]:
    """What `kubectl get secret ... -o yaml > file` wrote, by setting."""
    regions.make_user("east", USER, "scram-sha-512", RIGHTS)
    kafka.create_topic(regions.kafka("east"), TOPIC)
    kafka.produce(regions.kafka("east"), TOPIC, [f"exported {number}" for number in range(RECORDS)])
    env = regions.pulumi_environment() | {"KUBECONFIG": str(regions.lab.kubeconfig("east"))}
    kubectl = shutil.which("kubectl", path=env["PATH"])
    assert kubectl is not None
    yield {
        setting: run(
            [kubectl, "get", "secret", secret, "-n", "kafka", "-o", "yaml"], cwd=regions.lab.root, env=env
        )
        .ok()
        .stdout
        for setting, (_, secret) in FILES.items()
    }
    kafka.delete_topic(regions.kafka("east"), TOPIC)
    regions.remove_user("east", USER)


@pytest.fixture(scope="module")
def exported(regions: Regions, exports: dict[str, str]) -> Iterator[Stack]:
    source = live("east", USER)
    bootstrap = regions.listener("east", source["listener"])
    sections = {
        "source": {
            "alias": NAME,
            "bootstrap_servers": bootstrap,
            "authentication": source["authentication"],
            "user": USER,
        },
        "target": cluster("west"),
        "mirror": flow(NAME, TOPIC),
    }
    secrets = {f"source.exported.{setting}": text for setting, text in exports.items()}
    with deployed(regions, NAME, sections, secrets) as stack:
        yield stack


def test_the_records_arrive_as_they_are(exported: Stack, regions: Regions) -> None:
    original = kafka.contents(regions.kafka("east"), TOPIC)
    assert len(original[0]) == RECORDS
    kafka.arrived(regions.kafka("west"), TOPIC, original)


def test_neither_the_stack_file_nor_the_state_holds_the_password(exported: Stack, regions: Regions) -> None:
    password = regions.password("east", USER)
    assert password
    for text in (exported.file.read_text(), exported.state()):
        assert password not in text
        assert "secure:" in text or '"ciphertext"' in text


def test_the_same_as_plain_files_changes_nothing_but_is_warned_of(
    exported: Stack, exports: dict[str, str], regions: Regions
) -> None:
    def plain(config: dict[str, Any]) -> None:
        config["source"]["exported"] = {setting: file for setting, (file, _) in FILES.items()}

    for setting, (file, _) in FILES.items():
        (exported.project / file).write_text(exports[setting])
    exported.configure(plain)
    preview = exported.preview("--expect-no-changes").ok()
    warning = [line for line in preview.output.splitlines() if "warning" in line and "plain text" in line]
    assert any("sourceuser.yaml" in line for line in warning), preview.output
    assert regions.password("east", USER) not in preview.output
