"""Topics that are the state of another system, which reads a copy on the target as its own.

That needs the same name on the target, so it concerns `IdentityReplicationPolicy` only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class OtherSystem(NamedTuple):
    """A system, its topics, the effect of a copy, and what to write in `mirror.topics_exclude`.

    `usual`: the names that its topics have by default.
    """

    name: str
    topics: re.Pattern[str]
    effect: str
    exclude: Sequence[str]
    usual: Sequence[str]


SYSTEMS = (
    OtherSystem(
        "Kafka Connect",
        re.compile(r".*connect.*[-_.](configs?|offsets?|status(es)?)"),
        "a Connect cluster of the target with these topic names starts the source's connectors, against the "
        "source's databases",
        (r".*connect.*[-_\.]configs?", r".*connect.*[-_\.]offsets?", r".*connect.*[-_\.]status.*"),
        ("connect-cluster-configs", "connect-cluster-offsets", "connect-cluster-status"),
    ),
    OtherSystem(
        "another MirrorMaker 2",
        re.compile(r"(mirrormaker2-cluster|.*mirror-?maker.*)[-_.](configs?|offsets?|status(es)?)"),
        "a MirrorMaker 2 of the target with these topic names takes over the source's connectors and "
        "positions",
        ("mirrormaker2-cluster-.*", r".*mirror-?maker.*[-_\.](configs?|offsets?|status)"),
        ("mirrormaker2-cluster-configs", "my-mirror-maker-2-config"),
    ),
    OtherSystem(
        "a schema registry",
        re.compile(r"_schemas.*|.*apicurio.*|kafkasql-(journal|snapshots)"),
        "a registry of the target reads the source's schema ids, and the topic has two writers",
        ("_schemas.*", ".*apicurio.*", "kafkasql-.*"),
        ("_schemas", "kafkasql-journal"),
    ),
    OtherSystem(
        "Cruise Control",
        re.compile(r"strimzi\.cruisecontrol\..*|__?(Kafka)?CruiseControl.*"),
        "Cruise Control of the target takes the load of the source's brokers for that of its own, which have "
        "the same ids",
        (r"strimzi\.cruisecontrol\..*", ".*CruiseControl.*"),
        ("strimzi.cruisecontrol.metrics", "strimzi.cruisecontrol.partitionmetricsamples"),
    ),
    OtherSystem(
        "Confluent's components",
        re.compile(r"_confluent.*"),
        "Confluent's components of the target read the source's licences, metrics and queries as their own",
        ("_confluent.*",),
        ("_confluent-metrics",),
    ),
)
