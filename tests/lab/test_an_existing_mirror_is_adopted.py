"""A mirror that somebody deployed with kubectl: imported, deployed by Pulumi, and nothing is copied again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from lab.layout import NAMESPACE
from lab.outside import Source
from settings.acls import mirror_user_acls
from settings.load import load
from tests.lab.support import kafka
from tests.lab.support.command import run
from tests.lab.support.lab import KafkaMirrorMaker2, Regions
from tests.lab.support.mirrors import cluster, deployed, flow, outside
from tests.lab.support.stack import Stack

NAME, WRITER, LOGIN, CA = "by-hand", "by-hand-writer", "by-hand-login", "by-hand-ca"
TOPICS = {"configStorageTopic": "bh-c", "offsetStorageTopic": "bh-o", "statusStorageTopic": "bh-s"}


def as_somebody_wrote_it(regions: Regions, north: Source) -> dict[str, Any]:
    """The spec, in the manner of Strimzi's examples, but for names of its own."""
    factors = {f"{kind}.storage.replication.factor": -1 for kind in ("config", "offset", "status")}
    pair = {"secretName": WRITER, "certificate": "user.crt", "key": "user.key"}
    trusted = {"trustedCertificates": [{"secretName": "west-cluster-ca-cert", "pattern": "*.crt"}]}
    often = {"refresh.topics.interval.seconds": 5, "offset-syncs.topic.location": "target"}
    return {
        "replicas": 1,
        "target": {
            "alias": "west",
            "bootstrapServers": regions.listener("west", "mtls"),
            "groupId": "by-hand-group",
            **TOPICS,
            "tls": trusted,
            "authentication": {"type": "tls", "certificateAndKey": pair},
            "config": factors,
        },
        "mirrors": [
            {
                "source": {
                    "alias": "north",
                    "bootstrapServers": north.bootstrap_servers,
                    "tls": {"trustedCertificates": [{"secretName": CA, "certificate": "ca.crt"}]},
                    "authentication": {
                        "type": "plain",
                        "username": north.user,
                        "passwordSecret": {"secretName": LOGIN, "password": "pw"},
                    },
                },
                "sourceConnector": {
                    "tasksMax": 1,
                    "config": {"replication.factor": -1, "offset-syncs.topic.replication.factor": -1} | often,
                },
                "checkpointConnector": {
                    "config": {
                        "checkpoints.topic.replication.factor": -1,
                        "offset-syncs.topic.location": "target",
                        "sync.group.offsets.enabled": "true",
                        "emit.checkpoints.interval.seconds": 3,
                        "sync.group.offsets.interval.seconds": 3,
                        "refresh.groups.interval.seconds": 5,
                    }
                },
                "topicsPattern": north.topic,
                "groupsPattern": ".*",
            }
        ],
    }


@pytest.fixture(scope="module")
def copied(regions: Regions, north: Source) -> Iterator[str]:
    """The name of a copy that the mirror has finished."""
    kubernetes = regions.kubernetes("west")
    names = {"configs_topic": "bh-c", "offsets_topic": "bh-o", "status_topic": "bh-s"}
    wanted = load(
        {
            "source": outside(north, "plain")
            | {"credentials": {"secret_ref": {"name": LOGIN, "ca_secret": CA}}},
            "target": cluster("west"),
            "mirror": flow(
                NAME, north.topic, replication_policy="default", group_id="by-hand-group", **names
            ),
        }
    )
    regions.put_secret("west", LOGIN, {"pw": str(north.password)})
    regions.put_secret("west", CA, {"ca.crt": str(north.ca)})
    regions.make_user("west", WRITER, "tls", mirror_user_acls(wanted))
    kubernetes.create(
        KafkaMirrorMaker2(
            apiVersion="kafka.strimzi.io/v1",
            kind="KafkaMirrorMaker2",
            metadata=ObjectMeta(name=NAME, namespace=NAMESPACE),
            spec=as_somebody_wrote_it(regions, north),
        )
    )
    copy = f"north.{north.topic}"
    kafka.arrived(regions.kafka("west"), copy, kafka.contents(regions.kafka("north"), north.topic))
    yield copy
    regions.remove_user("west", WRITER)
    for name in (LOGIN, CA):
        kubernetes.delete(Secret, name, namespace=NAMESPACE)


@pytest.fixture(scope="module")
def adopted(regions: Regions, copied: str) -> Iterator[Stack]:
    """The stack whose file `import --live` wrote."""
    made = Stack.create(regions.lab.root / NAME, regions.lab.root, NAME, regions.pulumi_environment())
    live = ["--live", NAME, "--namespace", NAMESPACE, "--kubeconfig", ".lab/west/kubeconfig"]
    target = ["--target-cluster", "west", "--target-namespace", NAMESPACE, "--target-listener", "mtls"]
    ran = run(
        [sys.executable, "-m", "mirror", "import", *live, *target, "--quiet"],
        cwd=made.project,
        env=made.environment,
    ).ok()
    made.file.write_text(ran.stdout)
    made.configure(lambda config: config["target"].update(kubeconfig=".lab/west/kubeconfig"))
    sections = {key: value for key, value in _sections(made).items() if key != "workers"}
    with deployed(regions, NAME, sections | {"workers": {"replicas": 1}}) as stack:
        yield stack


def _sections(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = {}
    stack.configure(found.update)
    return {key: value for key, value in found.items() if value}


def test_no_record_is_copied_again(adopted: Stack, regions: Regions, north: Source, copied: str) -> None:
    """It has passed the verification of `pulumi up`. What comes next follows what was there."""
    west = regions.kafka("west")
    kafka.produce(regions.kafka("north"), north.topic, ["after the adoption"])
    original = kafka.contents(regions.kafka("north"), north.topic)
    kafka.arrived(west, copied, original)
    spec = regions.mirror_resource(NAME).spec
    assert {key: spec["target"][key] for key in TOPICS} == TOPICS
    assert spec["target"]["groupId"] == "by-hand-group"
    assert spec["mirrors"][0]["source"]["authentication"]["passwordSecret"]["secretName"] == LOGIN
