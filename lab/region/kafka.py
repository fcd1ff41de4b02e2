"""A Kafka cluster of the lab: one KRaft node, broker and controller in one, configured as Strimzi would.

Node 0 is the controller of a cluster with several brokers, too.

A region's listeners: `scram` (SASL_SSL, SCRAM-SHA-512) and `mtls` (TLS with a client certificate).
Authorization by StandardAuthorizer; the broker and Strimzi's cluster operator are super users. Clusters
outside Kubernetes (`lab.outside`) have another `Shape`.
"""

import hashlib
import os
import socket
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from lab.errors import LabError
from lab.files import remove_half_made, whole_folder, write_file
from lab.layout import PROJECT, Lab
from lab.ports import HOST
from lab.processes import ProcessSpec, Stage, environment
from lab.region import clients, pki
from lab.region.tools import Tools
from settings.security_protocol import security_protocol

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


@dataclass(frozen=True, slots=True)
class Shape:
    """What tells one cluster of the lab from another."""

    listeners: Mapping[str, tuple[str, ...]]
    """SASL mechanisms by listener; none means a client certificate. There is always a listener `mtls`."""
    more: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Properties besides; they may hold passwords, and the file is its owner's alone."""
    jvm: tuple[str, ...] = ()
    """Options of the JVM besides."""
    without_tls: frozenset[str] = frozenset()
    """Listeners without TLS; without a SASL mechanism everybody may connect."""


STRIMZI = Shape({"scram": ("SCRAM-SHA-512",), "mtls": ()})
"""A region's cluster."""

_CIPHER_SUITES = (
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
)
"""In the order of preference. A Connect worker has the first compiler alone
(`lab.operator.mirror_maker2.jvm`), with which AES-GCM takes five times as long as ChaCha20."""

_LOGIN_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


def process_name(region: str, node: int = 0) -> str:
    """The name of the region's broker among the lab's processes, and the beginning of its ports' names."""
    return f"{region}-kafka-{node}" if node else f"{region}-kafka"


def configuration(
    lab: Lab, region: str, ports: Mapping[str, int], data: Path, shape: Shape = STRIMZI, node: int = 0
) -> str:
    """The broker's server.properties. Keys are PEM files, SCRAM lives in the log."""
    folder = lab.pki(region)
    port = {name: ports[f"{process_name(region, node)}-{name}"] for name in shape.listeners}
    controller = ports[f"{region}-kafka-controller"]
    sasl = {name: mechanisms for name, mechanisms in shape.listeners.items() if mechanisms}

    def each(text: Callable[[str], str]) -> str:
        return ",".join(text(name) for name in shape.listeners)

    def protocol(name: str) -> str:
        return security_protocol(tls=name not in shape.without_tls, sasl=name in sasl)

    settings = {
        "process.roles": "broker" if node else "broker,controller",
        "node.id": node,
        "controller.quorum.voters": f"0@localhost:{controller}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "MTLS",
        "listeners": each(lambda name: f"{name.upper()}://{HOST}:{port[name]}")
        + ("" if node else f",CONTROLLER://{HOST}:{controller}"),
        "advertised.listeners": each(lambda name: f"{name.upper()}://localhost:{port[name]}"),
        "listener.security.protocol.map": each(lambda name: f"{name.upper()}:{protocol(name)}")
        + ",CONTROLLER:SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": folder / "broker.pem",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": folder / "mtls-trust.pem",
        "ssl.cipher.suites": ",".join(_CIPHER_SUITES),
        "listener.name.mtls.ssl.client.auth": "required",
        "listener.name.controller.ssl.client.auth": "required",
        "listener.name.controller.ssl.truststore.type": "PEM",
        "listener.name.controller.ssl.truststore.location": folder / "cluster-ca.crt",
        **{
            key: value
            for name, mechanisms in sasl.items()
            for key, value in _sasl(f"listener.name.{name}.", mechanisms)
        },
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:CN={region}-kafka;User:CN={pki.administrator(region)}",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        # Internal topics as small as they may be: every partition is files and start-up time.
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "group.initial.rebalance.delay.ms": 0,
        # A killed broker may come back only when its last session is over; the default is 9 s.
        "broker.session.timeout.ms": 5000,
        "broker.heartbeat.interval.ms": 1000,
        # For two cores and a small heap.
        "num.network.threads": 2,
        "num.io.threads": 4,
        "background.threads": 2,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        **shape.more,
    }
    return "".join(f"{key}={_escaped(str(value))}\n" for key, value in settings.items())


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


def _sasl(prefix: str, mechanisms: tuple[str, ...]) -> list[tuple[str, str]]:
    scram = [mechanism for mechanism in mechanisms if mechanism.startswith("SCRAM-")]
    return [
        (f"{prefix}sasl.enabled.mechanisms", ",".join(mechanisms)),
        *((f"{prefix}{mechanism.lower()}.sasl.jaas.config", _LOGIN_MODULE) for mechanism in scram),
    ]


def _java(tools: Tools, home: Path, *options: str) -> tuple[str, ...]:
    logging = f"-Dlog4j2.configurationFile={home / 'log4j2.properties'}"
    return (str(tools.java), *options, logging, "-cp", f"{tools.kafka_libs}/*")


def _escaped(value: str) -> str:
    # A backslash escapes in a Java properties file; our paths may hold one, however unlikely.
    return value.replace("\\", "\\\\")
