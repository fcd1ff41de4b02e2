"""Replication policies name topics as MM2's own classes do. Needs only the toolchain."""

from __future__ import annotations

from itertools import product

from hypothesis import strategies as st

from settings import replication_policy as policy
from settings.filters import TOPICS_EXCLUDE_DEFAULT, topic_matches
from settings.model import MirrorSettings, ReplicationPolicy
from settings.patterns import matches
from tests.lab.support.mirror_filters import Ask, drawn, hexed

TOPICS = (
    *(
        "orders",
        "east.orders",
        "west.orders",
        "north.west.orders",
        "eastorders",
        "heartbeats",
        "device-heartbeats",
        "o",
    ),
    *(
        "east.heartbeats",
        "west.device-heartbeats",
        "mm2-offset-syncs.west.internal",
        "mm2-offset-syncswestinternal",
    ),
    *(
        "west.checkpoints.internal",
        "westcheckpointsinternal",
        "payments-internal",
        ".x",
        "__x",
        "west.",
        "...",
        "a..b",
        "-west-x",
    ),
)


def test_policies_name_topics_as_mm2_does(mirror_filters: Ask) -> None:
    kinds: tuple[ReplicationPolicy, ...] = ("identity", "default")
    topics = [
        *TOPICS,
        *(
            name
            for (name,) in drawn(
                300, st.from_regex(r"[a-c.\-]{1,5}(west|heartbeats)?[.\-]?[a-c]?", fullmatch=True)
            )
        ),
    ]
    cases = [(*case, "east", "west") for case in product(kinds, (".", "-", "_", "", "--"), topics)]
    told = mirror_filters(
        [
            f"topic {kind} {hexed(separator)} {hexed(east)} {hexed(west)} {hexed(name)}"
            for kind, separator, name, east, west in cases
        ]
    )
    for (kind, separator, name, east, west), answer in zip(cases, told, strict=True):
        internal = policy.is_internal(separator, name)
        origin, upstream = (
            policy.topic_source(kind, separator, east, name),
            policy.upstream_topic(kind, separator, east, name),
        )
        cycle = policy.is_cycle(kind, separator, east, west, name)
        ours = [
            hexed(policy.remote_topic(kind, separator, east, name)),
            "-" if origin is None else hexed(origin),
            "-" if upstream is None else hexed(upstream),
            "01"[internal],
            "01"[not internal and not cycle],
        ]
        assert " ".join(ours) == answer, (kind, separator, name)


def test_a_topic_is_mirrored_if_filter_and_connector_take_it() -> None:
    mirror = MirrorSettings(name="east-to-west", topics=(".*",), replication_policy="default")
    for name in TOPICS:
        taken = topic_matches(mirror, name, source_alias="east", target_alias="west")
        assert taken == (
            not matches(TOPICS_EXCLUDE_DEFAULT, name)
            and not policy.is_internal(".", name)
            and not policy.is_cycle("default", ".", "east", "west", name)
        )
