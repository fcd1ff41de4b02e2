"""What `python -m mirror verify` would say of one of these mirrors, by the same observation and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lab.region import pki
from mirror.clients.access import ClusterAccess, TlsCredential
from mirror.clients.sides import Sides
from mirror.verify.checks import connectors_running
from mirror.verify.reading.configs import kafka_topics
from mirror.verify.reading.look import Look, Session, resource
from mirror.verify.register import reads_of
from mirror.verify.run import judge
from mirror.verify.values.topic_config import KafkaTopic
from tests.lab.rights.mirrors import Mirror
from tests.lab.rights.users import bootstrap_servers
from tests.lab.rights.worker import Worker
from tests.lab.support.lab import Regions

CHECKS = ("topics-present", "lag", "tail-matches", "groups-translated")
"""What is judged by what users of Kafka read; connectors-running looks into Kubernetes: see `runs`."""


def failing(
    worker: Worker,
    mirror: Mirror,
    target: ClusterAccess | None = None,
    checks: Sequence[str] = CHECKS,
) -> dict[str, str]:
    """The checks that fail, with what they find; the target is looked at by its super user unless told."""
    settings = mirror.settings
    source = worker.readers[settings.source.alias].access(settings.source.alias)
    with Sides(source, target or _super_user(worker.regions, settings.target.alias)) as sides:
        look = Look(Session(settings, Path(), ExitStack(), sides), reads_of(checks))
        # Both are read from Kubernetes, where these mirrors are not.
        none: dict[str, KafkaTopic] = {}
        look.give(kafka_topics, none)
        nothing: Mapping[str, Any] = {}
        look.give(resource, nothing)
        results = judge(look, checks)
    return {result.name: repr(result.findings) for result in results if not result.passed}


def runs(worker: Worker, mirror: Mirror) -> bool:
    """Whether connectors-running would pass on a KafkaMirrorMaker2 that is Ready, whatever its pods say, and
    whose `status.connectors` are this worker's answers, as Strimzi copies them.
    """
    answers = [worker.ask("GET", f"/connectors/{one.name}/status") for one in mirror.connectors()]
    ready = {
        "metadata": {"generation": 1},
        "status": {
            "observedGeneration": 1,
            "conditions": [{"type": "Ready", "status": "True"}],
            "connectors": [answer.json() for answer in answers if answer is not None and answer.is_success],
        },
    }
    return connectors_running.judge(ready, mirror.names, topics_match=True).passed


def _super_user(regions: Regions, alias: str) -> ClusterAccess:
    operator = pki.read(regions.lab.pki("west"), "cluster-operator")
    return ClusterAccess(
        bootstrap_servers(regions, "west"),
        (regions.lab.pki("west") / "cluster-ca.crt").read_text(),
        TlsCredential(operator.certificate, operator.key, "cluster-operator"),
        alias,
    )
