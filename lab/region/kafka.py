"""A Kafka cluster of the lab: formats its storage, declares the processes of its brokers, asks whether they
are ready.
"""

import hashlib
import os
import socket
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from lab.errors import LabError
from lab.files import remove_half_made, whole_folder, write_file
from lab.layout import PROJECT, Lab
from lab.ports import HOST
from lab.processes import ProcessSpec, Stage, environment
from lab.region import clients, pki
from lab.region.broker import STRIMZI, Shape, configuration, process_name
from lab.region.tools import Tools

PORTS = ("kafka-scram", "kafka-mtls", "kafka-controller")

_FORMAT_SECONDS = 120.0
_LOGGING = """\
# Warnings, and what says that the broker came up or went down.
status = WARN
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %m (%c{1})%n
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = INFO
logger.broker.name = org.apache.kafka.server.BrokerLifecycleManager
logger.broker.level = INFO
"""

# Both compilers: only the second one uses the processor's instructions for RSA and AES-GCM. Without it, TLS
# takes more CPU time than everything else that a broker does.
_JVM = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "--enable-native-access=ALL-UNNAMED",  # lz4 and zstd; JDK 24 and newer warn of it
)


def prepare(
    lab: Lab, region: str, ports: Mapping[str, int], tools: Tools, shape: Shape = STRIMZI, node: int = 0
) -> bool:
    """Write the configuration and format the storage, once; say whether anything changed."""
    home = _home(lab, region, node)
    home.mkdir(parents=True, exist_ok=True)
    remove_half_made(home)
    changed = write_file(home / "log4j2.properties", _LOGGING)
    text = configuration(lab, region, ports, home / "data", shape, node)
    changed |= write_file(home / "server.properties", text)
    if not (home / "data").is_dir():
        _format(lab, region, ports, tools, shape, node)
        changed = True
    return changed


def spec(lab: Lab, region: str, tools: Tools, shape: Shape = STRIMZI, node: int = 0) -> ProcessSpec:
    """The broker's process; a change of its configuration or its stores restarts it."""
    home, stores = _home(lab, region, node), lab.pki(region)
    text = (home / "server.properties").read_bytes() + (home / "log4j2.properties").read_bytes()
    if pki.generation(stores):  # the broker reads its stores when it starts
        text += (stores / "broker.pem").read_bytes() + (stores / "mtls-trust.pem").read_bytes()
    return ProcessSpec(
        name=process_name(region, node),
        argv=(*_java(tools, home, *_JVM, *shape.jvm), "kafka.Kafka", str(home / "server.properties")),
        env={"LAB_CONFIGURATION": hashlib.sha256(text).hexdigest()[:16]},  # another one means a restart
        cwd=str(PROJECT),
        stop_seconds=30,
        stage=Stage.SERVER,
    )


def cluster_id(lab: Lab, region: str) -> str:
    """The cluster's id, as its storage was formatted."""
    for line in (lab.kafka(region) / "data" / "meta.properties").read_text().splitlines():
        if line.startswith("cluster.id="):
            return line.removeprefix("cluster.id=")
    raise LabError(f"{lab.kafka(region)} holds no formatted Kafka storage; `python -m lab down`, then `up`")


def unready(lab: Lab, region: str, ports: Mapping[str, int], node: int = 0) -> str | None:
    """What still keeps the broker from being ready, or None: it answers an authenticated request."""
    port = ports[f"{process_name(region, node)}-mtls"]
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError as problem:
        return f"nobody listens on localhost:{port} ({problem})"
    config = clients.admin_client_config(lab, region)
    admin = AdminClient({**config, "bootstrap.servers": f"localhost:{port}", "log_level": 0})
    try:
        metadata = admin.list_topics(timeout=5)
    except KafkaException as problem:
        return f"an admin request to localhost:{port} failed: {problem.args[0].str()}"
    return None if node in metadata.brokers else f"broker {node} has not joined the cluster yet"


def _home(lab: Lab, region: str, node: int) -> Path:
    return lab.kafka(region) / f"broker-{node}" if node else lab.kafka(region)


def _format(lab: Lab, region: str, ports: Mapping[str, int], tools: Tools, shape: Shape, node: int) -> None:
    home = _home(lab, region, node)
    new = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "0", 1)
    identity = cluster_id(lab, region) if node else new
    with whole_folder(home / "data") as data:
        temporary = data.with_name(f"{data.name}.properties")
        write_file(temporary, configuration(lab, region, ports, data, shape, node))
        command = [*_java(tools, home, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")]
        command += ["kafka.tools.StorageTool", "format", "-t", identity, "-c", str(temporary)]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=_FORMAT_SECONDS,
                check=False,
                # The lab's too: when `up` is killed meanwhile, `down` shall find it.
                env={**os.environ, **environment(lab, f"{process_name(region, node)}-format", "")},
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise LabError(f"{region}: formatting Kafka's storage failed: {problem}") from problem
        finally:
            temporary.unlink(missing_ok=True)
        if done.returncode != 0:
            said = (done.stderr + done.stdout).strip()[-2000:]
            raise LabError(f"{region}: formatting Kafka's storage failed:\n{said}")


def _java(tools: Tools, home: Path, *options: str) -> tuple[str, ...]:
    logging = f"-Dlog4j2.configurationFile={home / 'log4j2.properties'}"
    return (str(tools.java), *options, logging, "-cp", f"{tools.kafka_libs}/*")
