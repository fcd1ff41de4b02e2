"""A source user that logs in with a client certificate, read live from the source's Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import cluster, deployed, flow, live
from tests.lab.support.stack import Stack

NAME, USER, TOPIC = "mtls-live", "mtls-live-reader", "customers"
RIGHTS = (
    Acl("topic", TOPIC, "literal", ("DescribeConfigs", "Read")),
    Acl("group", "*", "literal", ("Describe",)),
)


@pytest.fixture(scope="module")
def mtls(regions: Regions) -> Iterator[Stack]:
    regions.make_user("east", USER, "tls", RIGHTS)
    sections = {
        "source": live("east", USER, "tls"),
        "target": cluster("west"),
        # Its own names on the target, beside those of the lab's mirror.
        "mirror": flow(NAME, TOPIC, replication_policy="default"),
    }
    sections["source"]["alias"] = "mtls"
    with deployed(regions, NAME, sections) as stack:
        yield stack
    regions.remove_user("east", USER)


def test_mm2_logs_in_with_the_users_certificate(mtls: Stack, regions: Regions) -> None:
    (flow,) = regions.mirror_resource(NAME).spec["mirrors"]
    assert flow["source"]["authentication"]["type"] == "tls"
    secret = regions.secret("west", flow["source"]["authentication"]["certificateAndKey"]["secretName"])
    mine = regions.secret("east", USER)
    assert secret is not None
    assert mine is not None
    assert secret.data == {key: (mine.data or {})[key] for key in ("user.crt", "user.key")}


def test_the_records_arrive_as_they_are(mtls: Stack, regions: Regions) -> None:
    source = kafka.contents(regions.kafka("east"), TOPIC)
    target = kafka.contents(regions.kafka("west"), f"mtls.{TOPIC}")
    # Compaction and production go on: what both hold has to be the same.
    for mirrored, original in zip(target, source, strict=True):
        assert mirrored
        assert set(mirrored) & set(original)
        assert [one for one in mirrored if one in set(original)] == [
            one for one in original if one in set(mirrored)
        ]
