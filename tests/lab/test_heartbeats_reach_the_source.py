"""The declared heartbeats, run by a real Kafka Connect as Strimzi would: they reach the source, and nothing
else of theirs does, with the rights that the declared users have.

The lab's operator knows no KafkaConnect, so the test starts the worker.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.ports import HOST
from lab.toolchain import Toolchain
from manifests.estate import Estate, SourceEstate, TargetEstate
from manifests.strimzi.heartbeats import heartbeats
from settings.acls import mirror_user_acls, source_user_acls
from settings.load import load
from settings.model import Settings
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.wait import until
from tests.unit.settings.sample import raw

TOPIC = "heartbeats"
SOURCE_USER = "scratch-beats-source"
ALIEN = "kafka.in-no-certificate.test"
"""A name of both clusters that no certificate has; only the worker resolves it (`jdk.net.hosts.file`)."""

NO_NAMES = {"ssl.endpoint.identification.algorithm": ""}
AS_IT_IS: dict[str, Any] = {}
BY_ALIEN_NAMES: dict[str, Any] = {
    "mirror__config": {"source_client": NO_NAMES, "worker": NO_NAMES},
    "mirror__allow_data_loss": ["host-names-verified"],
}


@pytest.fixture
def settings(regions: Regions, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A mirror with heartbeats and both of its users, each with its declared rights alone; `request.param`:
    what else its stack file says.
    """
    given = load(
        raw(
            source__user=SOURCE_USER,
            target__listener="scram",
            target__authentication="scram-sha-512",
            mirror__name=f"scratch-beats-{uuid.uuid4().hex[:4]}",
            mirror__heartbeats_interval_seconds=1,
            users__copy=[],
            **request.param,
        )
    )
    own_user = given.mirror.name
    topics = kafka.topics(regions.kafka("east")), kafka.topics(regions.kafka("west"))
    regions.make_user("east", SOURCE_USER, "scram-sha-512", source_user_acls(given))
    regions.make_user("west", own_user, "scram-sha-512", mirror_user_acls(given))
    yield given
    regions.remove_user("east", SOURCE_USER)
    regions.remove_user("west", own_user)
    for region, before in zip(("east", "west"), topics, strict=True):
        for topic in kafka.topics(regions.kafka(region)) - before:
            if topic == TOPIC or topic.startswith(own_user):
                kafka.delete_topic(regions.kafka(region), topic)


def estate(regions: Regions, host: str) -> Estate:
    """Both regions; `host`: the name by which their brokers are asked first."""

    def ca(region: str) -> dict[str, str]:
        secret = regions.secret(region, f"{region}-cluster-ca-cert")
        assert secret is not None
        found = {key: value for key, value in (secret.data or {}).items() if key.endswith(".crt")}
        return {key: base64.b64decode(value).decode() for key, value in found.items()}

    password = {"password": regions.password("east", SOURCE_USER)}

    def scram(region: str) -> str:
        return regions.listener(region, "scram").replace("localhost", host)

    return Estate(SourceEstate(scram("east"), ca("east"), password), TargetEstate(scram("west"), ca("west")))


@contextmanager
def worker(folder: Path, properties: dict[str, str]) -> Iterator[str]:
    """Run a Connect worker; yields the address of its REST API."""
    tools = Toolchain.load()
    file, log = folder / "worker.properties", folder / "worker.log"
    escaped = {key: value.replace("\n", "\\n") for key, value in properties.items()}
    file.write_text("".join(f"{key}={value}\n" for key, value in escaped.items()))
    hosts = folder / "hosts"
    hosts.write_text(f"{HOST} localhost {ALIEN}\n")
    java = [str(tools.java), "-Xmx256m", "-XX:+UseSerialGC", f"-Djdk.net.hosts.file={hosts}"]
    java += ["-cp", f"{tools.kafka_libs}/*"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*java, "org.apache.kafka.connect.cli.ConnectDistributed", str(file)],
            env=os.environ,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            api = f"http://{properties['listeners'].removeprefix('http://')}"
            until("Connect's REST API", lambda: ask(f"{api}/connectors") is not None, seconds=180)
            yield api
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def ask(url: str, body: dict[str, Any] | None = None) -> Any:
    """Ask Connect; None while it does not answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except (urllib.error.URLError, OSError):
        return None


def as_strimzi_runs_it(connect: dict[str, Any], found: Estate, password: str, port: int) -> dict[str, str]:
    """The worker's properties (`KafkaConnectConfigurationBuilder`, 1.2.0): the target's connection with each
    of the four prefixes, then `config`.
    """
    spec = connect["spec"]
    login = f'username="{spec["authentication"]["username"]}" password="{password}"'
    client = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": f"org.apache.kafka.common.security.scram.ScramLoginModule required {login};",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": "\n".join(found.target.ca.values()),
    }
    prefixed = {f"{p}{k}": v for p in ("", "producer.", "consumer.", "admin.") for k, v in client.items()}
    return {
        "bootstrap.servers": spec["bootstrapServers"],
        "group.id": spec["groupId"],
        "config.storage.topic": spec["configStorageTopic"],
        "offset.storage.topic": spec["offsetStorageTopic"],
        "status.storage.topic": spec["statusStorageTopic"],
        "key.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "listeners": f"http://{HOST}:{port}",
        **prefixed,
        **spec["config"],
    }


def mounted(folder: Path, found: Estate) -> None:
    """Put the Secrets' files where the pods find them."""
    for name, content in (("source-ca", found.source.ca), ("source-user", found.source.user_secret)):
        (folder / name).mkdir()
        for key, value in content.items():
            (folder / name / key).write_text(value)


def aliases(key: bytes) -> list[str]:
    """Read a heartbeat's key (`Heartbeat.KEY_SCHEMA`): source and target alias, each after its length."""
    result, at = [], 0
    while at < len(key):
        (length,) = struct.unpack_from(">h", key, at)
        result.append(key[at + 2 : at + 2 + length].decode())
        at += 2 + length
    return result


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("settings", "host"),
    [(AS_IT_IS, "localhost"), (BY_ALIEN_NAMES, ALIEN)],
    ids=["as it is", "with TLS properties"],
    indirect=["settings"],
)
def test_heartbeats_reach_the_source(settings: Settings, host: str, regions: Regions, tmp_path: Path) -> None:
    """With `mirror.config.source_client` and the worker's TLS properties, too: without them the names of the
    clusters would be refused.
    """
    found = estate(regions, host)
    connect, connector = heartbeats(settings, found)
    mounted(tmp_path, found)
    # The pods' mount point, here.
    here = json.loads(json.dumps([connect, connector]).replace("/mnt", str(tmp_path)))
    password = regions.password("west", settings.mirror.name)
    with worker(tmp_path, as_strimzi_runs_it(here[0], found, password, free_port())) as api:
        name = connector["metadata"]["name"]
        config = {
            "connector.class": connector["spec"]["class"],
            "tasks.max": "1",
            **here[1]["spec"]["config"],
        }
        assert ask(f"{api}/connectors", {"name": name, "config": config}) is not None

        def beats() -> list[kafka.Record]:
            if TOPIC not in kafka.topics(regions.kafka("east")):
                return []
            records = kafka.read(regions.kafka("east"), TOPIC)
            return records if len(records) >= 3 else []

        records = until("three heartbeats on the source", beats, seconds=120)
        status = ask(f"{api}/connectors/{name}/status")
    assert [task["state"] for task in status["tasks"]] == ["RUNNING"]
    assert aliases(records[-1].key or b"") == ["west", "east"]
    # Connect's own topics are on the target, and none of them on the source.
    own = {f"__{name}-config", f"__{name}-offset", f"__{name}-status"}
    assert own <= kafka.topics(regions.kafka("west"))
    assert not own & kafka.topics(regions.kafka("east"))
