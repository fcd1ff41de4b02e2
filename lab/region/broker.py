"""A broker of the lab: its shape, the name of its process, and its server.properties. Pure.

Each is one KRaft node, broker and controller in one, configured as Strimzi would. Node 0 is the controller of
a cluster with several brokers, too.

A region's listeners: `scram` (SASL_SSL, SCRAM-SHA-512) and `mtls` (TLS with a client certificate).
Authorization by StandardAuthorizer; the broker and Strimzi's cluster operator are super users. Clusters
outside Kubernetes (`lab.outside`) have another `Shape`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.layout import Lab
from lab.ports import HOST
from lab.region import pki
from settings.security_protocol import security_protocol


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


def _sasl(prefix: str, mechanisms: tuple[str, ...]) -> list[tuple[str, str]]:
    scram = [mechanism for mechanism in mechanisms if mechanism.startswith("SCRAM-")]
    return [
        (f"{prefix}sasl.enabled.mechanisms", ",".join(mechanisms)),
        *((f"{prefix}{mechanism.lower()}.sasl.jaas.config", _LOGIN_MODULE) for mechanism in scram),
    ]


def _escaped(value: str) -> str:
    # A backslash escapes in a Java properties file; our paths may hold one, however unlikely.
    return value.replace("\\", "\\\\")
