"""Deploys the mirror that the benches move (`moved_mirror`), and removes everything of it."""

from __future__ import annotations

import base64
import contextlib
import random
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from lab.drill.production import Side, Stream
from lab.layout import Lab
from lab.region.clients import kubernetes
from manifests import baseline as config_maps
from mirror.start import baseline
from mirror.start.baseline import encoded
from settings.acls import Acl
from settings.load import load
from settings.names import Names
from tests.bench.lab_mirror import lab_sections
from tests.bench.mirrors.deployed import applied, there, until
from tests.bench.moved_logs import SMALL, Kept, Size
from tests.bench.moved_mirror import Moving
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.stack import CHECKOUT

RATE = 60.0
SECRET_SECONDS = 180.0
BEFORE = 2_000
"""Records in each topic before the first move."""


def _remove_internal_topics(config: kafka.Config, name: str) -> None:
    mine = (f"__{name}-", f"mm2-offset-syncs.{name}", f"{name}.checkpoints")
    for topic in kafka.topics(config):
        if topic.startswith(mine):
            kafka.delete_topic(config, topic)


@contextlib.contextmanager
def _baseline(made: Moving) -> Iterator[None]:
    """The baseline that `pulumi up` would take."""
    with made.world() as world:
        content = base64.b64encode(encoded(baseline.read(made.settings, world.sides().source))).decode()
        config_map = {**config_maps.config_map(made.settings), "binaryData": {config_maps.KEY: content}}
        path = f"/api/v1/namespaces/{made.settings.target.namespace}/configmaps"
        api, name = world.target_kubernetes, world.names.baseline_config_map
        api.request("POST", path, name, verb="create", body=config_map)
        try:
            yield
        finally:
            api.request("DELETE", f"{path}/{name}", name, verb="delete")


@contextlib.contextmanager
def moving(
    lab: Lab,
    name: str,
    options: Mapping[str, Any] | None = None,
    size: Size = SMALL,
    source: Mapping[str, Any] | None = None,
) -> Iterator[Moving]:
    """Deploy it on the lab that runs, with these options of `mirror` and of `source`. At the end nothing
    of it is left.
    """
    name = f"{name}-{uuid.uuid4().hex[:4]}"
    regions, alias = Regions(lab), name
    sections = lab_sections(lab)
    sections["source"] |= {"alias": alias, **(source or {})}
    sections["mirror"] = {
        "name": name,
        "topics": [f"{name}-.*"],
        "groups": [f"{name}-.*"],
        "replication_policy": "default",
        **(options or {}),
    }
    sections["workers"] = {"replicas": 1}
    sections["users"] = {}
    settings = load(sections)
    east, west = regions.kafka("east"), regions.kafka("west")
    with contextlib.ExitStack() as undo, tempfile.TemporaryDirectory(prefix="moving-") as folder:
        file = Path(folder) / f"Pulumi.{name}.yaml"
        config = {f"region-mirror:{key}": value for key, value in sections.items()}
        file.write_text(yaml.safe_dump({"config": config}))
        (Path(folder) / "Pulumi.yaml").write_text((CHECKOUT / "Pulumi.yaml").read_text())
        user = f"{name}-writer"
        rules = [Acl("topic", name, "prefix", ("Describe", "Write"))]
        regions.make_user("east", user, "scram-sha-512", rules)
        undo.callback(regions.remove_user, "east", user)
        login = {key: value for key, value in east.items() if key.startswith("ssl.ca")}
        login |= {
            "bootstrap.servers": regions.listener("east", "scram"),
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": regions.password("east", user),
            "enable.idempotence": True,
        }
        streams = []
        for what, partitions in size.partitions.items():
            topic = f"{name}-{what}"
            kafka.create_topic(east, topic, partitions)
            undo.callback(kafka.delete_topic, east, topic)
            undo.callback(kafka.delete_topic, west, f"{alias}.{topic}")
            kafka.produce(east, topic, map(str, range(BEFORE // partitions)), partition=0)
            topics: dict[Side, str] = {"source": topic, "target": f"{alias}.{topic}"}
            # `content`: the workload writes no record for a topic of another name.
            streams.append(
                Stream(
                    what,
                    "orders",
                    topics,
                    {"source": login},
                    {"source": east, "target": west},
                    RATE / len(size.partitions),
                    0,
                )
            )
        made = Moving(lab, settings, file, streams, Kept(), size)
        for group in made.groups:
            undo.callback(kafka.delete_group, east, group)
            undo.callback(kafka.delete_group, west, group)
        undo.callback(_remove_internal_topics, west, name)
        undo.enter_context(applied(lab, settings))
        verifier, target = Names.of(settings).verifier_user, kubernetes(lab, "west")
        until(f"the Secret of {verifier}", lambda: there(target, verifier), SECRET_SECONDS)
        undo.enter_context(_baseline(made))
        made.commit(random.Random(0))
        made.proven()
        yield made
