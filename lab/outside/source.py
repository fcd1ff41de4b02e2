"""Brings one source outside Kubernetes up, and says how to log in to it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console

from lab.errors import LabError
from lab.exclusive import exclusive
from lab.files import remove_half_made, write_file
from lab.layout import SOURCES, Lab
from lab.outside import seed, tokens, users
from lab.ports import known, reserve
from lab.processes import declare, declared, withdraw
from lab.progress import Steps
from lab.region import kafka, pki
from lab.region.broker import Shape, process_name
from lab.toolchain import Toolchain
from lab.waiting import wait_gone, wait_ready

_PLAIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"
_LISTENERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "north": {
        "sasl": ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
        "mtls": (),
        "oauth": ("OAUTHBEARER",),
        "open": ("SCRAM-SHA-512",),
        "anybody": (),
    },
    "south": {"mtls": ()},
    "central": {"mtls": ()},
    "older": {"scram": ("SCRAM-SHA-512",), "mtls": ()},
}
_OLDER = frozenset({"older"})
"""Sources with the older Kafka."""
_BROKERS = {"central": 3}
"""The number of brokers, where it is not one. Each record of such a source has a copy on every broker."""
_COPIED: Mapping[str, str] = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
}


_WITHOUT_TLS = frozenset({"open", "anybody"})


@dataclass(frozen=True, slots=True)
class Source:
    """What somebody who may read a source was given. `password` or `certificate` with `key`."""

    name: str
    bootstrap_servers: str
    user: str
    topic: str
    ca: str
    password: str | None = field(default=None, repr=False)
    certificate: str | None = None
    key: str | None = field(default=None, repr=False)
    addresses: Mapping[str, str] = field(default_factory=dict)
    """By listener. `oauth`: tokens of an identity provider. `open`: SCRAM without TLS. `anybody`: neither TLS
    nor a login.
    """


def source(lab: Lab, name: str) -> Source:
    """A source that is up; `LabError` when it is not."""
    if process_name(name) not in declared(lab):
        raise LabError(f"{name} does not run: start it with `python -m lab source-up {name}`")
    listener, folder = next(iter(_LISTENERS[name])), lab.pki(name)
    ports = known(lab)
    addresses = {one: f"localhost:{ports[f'{name}-kafka-{one}']}" for one in _LISTENERS[name]}
    address = addresses[listener]
    ca, topic = (folder / "cluster-ca.crt").read_text(), seed.TOPICS[name]
    if _LISTENERS[name][listener]:
        password = _password(lab, name).read_text()
        return Source(name, address, users.READER, topic, ca, password=password, addresses=addresses)
    pair = pki.read(folder, users.READER)
    address = ",".join(f"localhost:{ports[f'{process_name(name, node)}-mtls']}" for node in brokers(name))
    return Source(name, address, users.READER, topic, ca, certificate=pair.certificate, key=pair.key)


def source_up(lab: Lab, name: str, console: Console | None = None) -> Source:
    """Start the source, make its user and records, once; again: mends what is amiss. Raises `LabError`."""
    if name not in SOURCES:
        raise LabError(f"{name!r} is no source outside Kubernetes; there are {', '.join(SOURCES)}")
    if not lab.exists:
        raise LabError(f"there is no lab at {lab.root}: `make lab-up` makes one")
    tools = Toolchain.load()
    if name in _OLDER:
        tools = tools.with_older_kafka()
    with (
        exclusive(lab, f"source-up {name}"),
        Steps(console or Console()) as steps,
        steps.step(name, "Kafka outside Kubernetes, its user and records"),
    ):
        _bring_up(lab, name, tools)
    return source(lab, name)


def source_down(lab: Lab, name: str) -> None:
    """Stop the source and wait until it has ended; its data stay for the next `source_up`."""
    # The controller is the last one: a broker reports its end to it.
    for node in reversed(brokers(name)):
        if withdraw(lab, process_name(name, node)):
            wait_gone(lab, process_name(name, node))


def brokers(name: str) -> range:
    """The nodes of a source; node 0 is its controller, too."""
    return range(_BROKERS.get(name, 1))


def _bring_up(lab: Lab, name: str, tools: Toolchain) -> None:
    home, listeners = lab.region(name), _LISTENERS[name]
    home.mkdir(exist_ok=True)
    remove_half_made(home)
    pki.write_once(lab.pki(name), lambda: _certificates(name))
    if not _password(lab, name).is_file():
        write_file(_password(lab, name), secrets.token_hex(16))
    wanted = [f"{process_name(name, node)}-{one}" for node in brokers(name) for one in listeners]
    ports = reserve(lab, [*wanted, f"{name}-kafka-controller"])
    shape = _shape(lab, name)
    for node in brokers(name):
        kafka.prepare(lab, name, ports, tools, shape, node)
        declare(lab, kafka.spec(lab, name, tools, shape, node))
    for node in brokers(name):
        spec = kafka.spec(lab, name, tools, shape, node)
        wait_ready(lab, spec, partial(kafka.unready, lab, name, ports, node))
    users.create(lab, name, _password(lab, name).read_text(), next(iter(listeners.values())))
    if "anybody" in listeners:
        users.let_anybody_read(lab, name)
    seed.fill(lab, name)


def _shape(lab: Lab, name: str) -> Shape:
    if not any("PLAIN" in mechanisms for mechanisms in _LISTENERS[name].values()):
        return Shape(_LISTENERS[name], _COPIED if name in _BROKERS else {})
    # PLAIN knows its users from the broker's configuration (PlainServerCallbackHandler).
    jaas = f'{_PLAIN_MODULE} required user_{users.READER}="{_password(lab, name).read_text()}";'
    folder = lab.pki(name)
    more = {"listener.name.sasl.plain.sasl.jaas.config": jaas, **tokens.broker_properties(folder, "oauth")}
    return Shape(_LISTENERS[name], more, tokens.broker_options(folder), _WITHOUT_TLS)


def _password(lab: Lab, name: str) -> Path:
    return lab.region(name) / "password"


def _certificates(name: str) -> dict[str, str]:
    authority = pki.new_authority(f"{name}-ca")
    broker = pki.issue(authority, pki.subject(f"{name}-kafka"), server=True)
    pairs = {
        "cluster-ca": authority,
        "admin": pki.issue(authority, pki.subject("admin")),
        users.READER: pki.issue(authority, pki.subject(users.READER)),
    }
    files = {f"{one}.crt": pair.certificate for one, pair in pairs.items()}
    files |= {f"{one}.key": pair.key for one, pair in pairs.items()}
    stores = {
        "broker.pem": broker.key + broker.certificate + authority.certificate,
        "mtls-trust.pem": authority.certificate,
    }
    return files | stores | tokens.new_keys()
