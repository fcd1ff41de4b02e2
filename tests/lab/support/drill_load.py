"""The load of a drill on a mirror of a test's own: two topics with a producer each, and two groups."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.own_mirror import OwnMirror

PLAIN, TRANSACTIONAL = "drill", "drill-tx"
PARTITIONS = 2
_BEFORE = 20
"""Records before the drill; the stopped group has read half of them."""


def topics(mirror: OwnMirror) -> None:
    """Create the load's topics on the source, before the mirror is deployed."""
    east = mirror.regions.kafka("east")
    for suffix in (PLAIN, TRANSACTIONAL):
        kafka.create_topic(east, mirror.topic(suffix), PARTITIONS)
    mirror.produce(*(f"before {number}" for number in range(_BEFORE)), suffix=PLAIN)
    kafka.commit(east, f"{mirror.name}-stopped", mirror.topic(PLAIN), _BEFORE // 2)


@contextmanager
def production(mirror: OwnMirror) -> Iterator[Path]:
    """A file for `python -m lab.drill --production`; its producers are KafkaUsers, which a fence stops."""
    regions, user = mirror.regions, f"{mirror.name}-drill"
    east, west = regions.kafka("east"), regions.kafka("west")
    rules = [Acl("topic", mirror.topic(PLAIN), "prefix", ("Describe", "Write"))]
    rules += [Acl("transactionalId", mirror.topic(PLAIN), "prefix", ("Describe", "Write"))]
    regions.make_user("east", user, "scram-sha-512", rules)
    login = {key: value for key, value in east.items() if key.startswith("ssl.ca")}
    login |= {
        "bootstrap.servers": regions.listener("east", "scram"),
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": regions.password("east", user),
        "enable.idempotence": True,
    }
    streams = [_stream(mirror, suffix, login) for suffix in (PLAIN, TRANSACTIONAL)]
    groups = [_group(mirror, "running", TRANSACTIONAL), _group(mirror, "stopped", PLAIN)]
    file = mirror.stack.project / "production.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"streams": streams, "groups": groups}))
    try:
        yield file
    finally:
        file.unlink()
        kafka.forget_administrators()  # those of region east have seen it die
        regions.remove_user("east", user)
        for group in groups:
            for config in (east, west):
                kafka.delete_empty_group(config, group["name"])


def _sides(mirror: OwnMirror, suffix: str) -> dict[str, str]:
    return {"source": mirror.topic(suffix), "target": mirror.copy(suffix)}


def _stream(mirror: OwnMirror, suffix: str, login: kafka.Config) -> dict[str, Any]:
    west = mirror.regions.kafka("west")
    return {
        "name": suffix,
        "content": "orders",
        "topics": _sides(mirror, suffix),
        "writers": {"source": dict(login), "target": {**west, "enable.idempotence": True}},
        "logs": {"source": mirror.regions.kafka("east"), "target": west},
        "rate": 40,
        "first": 0,
        "transactional": suffix == TRANSACTIONAL,
    }


def _group(mirror: OwnMirror, name: str, suffix: str) -> dict[str, Any]:
    return {
        "name": f"{mirror.name}-{name}",
        "stream": suffix,
        "topics": _sides(mirror, suffix),
        "readers": {
            "source": {**mirror.regions.kafka("east"), "isolation.level": "read_committed"},
            "target": {**mirror.regions.kafka("west"), "isolation.level": "read_committed"},
        },
        "running": name == "running",
    }
