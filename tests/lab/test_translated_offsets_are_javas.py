"""`mirror.mm2.translate_offsets` and Java's `RemoteClusterUtils.translateOffsets`: the same
answers, for every group of the lab, over mTLS and over SCRAM.

MM2 goes on translating: we look before Java and after. What did not change in between has to be equal, and
what did has to lie between.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mirror.clients.access import ClusterAccess, ScramCredential, TlsCredential
from mirror.clients.records import TopicPartition
from mirror.estate.deployed import DeployedResource
from mirror.mm2 import OffsetAndMetadata, translate_offsets
from mirror.mm2.client import translate_all_offsets
from settings.acls import Acl
from tests.lab.support import java
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack

NOBODY = "a-group-that-never-was"
Translated = dict[str, dict[TopicPartition, OffsetAndMetadata]]


@pytest.fixture
def over_mtls(mirror: Stack) -> ClusterAccess:
    """The verifier, which logs in with a client certificate."""
    [settings] = mirror.settings()
    deployed = DeployedResource(settings, mirror.project)
    access = deployed.access(deployed.read()).target
    assert isinstance(access.credential, TlsCredential)
    return access


@pytest.fixture
def over_scram(over_mtls: ClusterAccess, regions: Regions) -> Iterator[ClusterAccess]:
    """An application with a password and one right."""
    name = f"translating-{uuid.uuid4().hex[:6]}"
    regions.make_user(
        "west", name, "scram-sha-512", [Acl("topic", "east.checkpoints.internal", "literal", ("Read",))]
    )
    yield replace(
        over_mtls,
        bootstrap_servers=regions.listener("west", "scram"),
        credential=ScramCredential(name, regions.password("west", name)),
    )
    regions.remove_user("west", name)


def hexed(text: str) -> str:
    return text.encode().hex()


def properties(access: ClusterAccess) -> dict[str, str]:
    """What a Java client is configured with."""
    found = {
        "bootstrap.servers": access.bootstrap_servers,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": access.ca_pem,
    }
    credential = access.credential
    if isinstance(credential, TlsCredential):
        return found | {
            "security.protocol": "SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": credential.certificate_pem,
            "ssl.keystore.key": credential.key_pem,
        }
    assert isinstance(credential, ScramCredential)
    return found | {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": credential.mechanism,
        "sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required "
        f'username="{credential.username}" password="{credential.password}";',
    }


def of_java(access: ClusterAccess, groups: list[str]) -> Translated:
    lines = [f"property {hexed(name)} {hexed(value)}" for name, value in properties(access).items()]
    lines += [f"group {hexed('east')} {hexed(group)}" for group in groups]
    found: Translated = {group: {} for group in groups}
    for line in java.script("TranslateOffsets", lines):
        if line.startswith("answer "):
            _, group, topic, partition, offset, metadata = line.split(" ")
            one = TopicPartition(bytes.fromhex(topic).decode(), int(partition))
            found[bytes.fromhex(group).decode()][one] = OffsetAndMetadata(
                int(offset), bytes.fromhex(metadata).decode()
            )
    return found


@pytest.mark.parametrize("way", ["over_mtls", "over_scram"])
def test_every_group_is_translated_as_java_does(
    way: str, proven: Stack, request: pytest.FixtureRequest
) -> None:
    access: ClusterAccess = request.getfixturevalue(way)
    before = translate_all_offsets(access, "east")
    groups = [*sorted(before), NOBODY]
    java_says = of_java(access, groups)
    after = {group: translate_offsets(access, "east", group) for group in groups}
    resting = 0
    assert java_says[NOBODY] == {} == after[NOBODY]
    for group, offsets in before.items():
        assert offsets.keys() <= java_says[group].keys() <= after[group].keys()
        for one, theirs in java_says[group].items():
            ours, later = offsets.get(one), after[group][one]
            assert theirs.metadata == later.metadata
            if ours == later:
                resting += 1
                assert theirs == ours, f"group {group}, {one}"
            else:  # the group reads on, and so does its translation
                assert (ours.offset if ours else 0) <= theirs.offset <= later.offset, f"group {group}, {one}"
    assert resting
