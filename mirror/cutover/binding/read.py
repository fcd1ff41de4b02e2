"""Reads how the users of the binding connect to each region, with their credentials there."""

from __future__ import annotations

from collections.abc import Mapping

from mirror.clients.access import ClusterAccess, NoCredential, TlsCredential
from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.binding.render import Connection, Login
from mirror.cutover.step import World
from mirror.estate.findings import Notes
from mirror.estate.kafka_listeners import taking
from mirror.estate.origin import Origin, SourceUser
from mirror.estate.reading import origin_of
from mirror.estate.target_clients import clients_of
from mirror.problems import CouldNotRun
from settings.model import Side
from settings.security_protocol import security_protocol

_TRIED = "reading the connection for cutover.binding"
_PROTOCOLS = {"scram-sha-512": "SASL_SSL", "tls": "SSL"}


def connection(world: World, side: Side, logins: Mapping[str, Login]) -> Connection:
    """Return the connection of the first user; without users that of the mirror. Raises CouldNotRun."""
    if logins:
        return next(iter(logins.values())).connection
    deployed, resource = world.session.deployed, world.resource()
    access = deployed.source_access(resource) if side == "source" else deployed.target_access(resource)
    return _of_access(access)


def logins(world: World, side: Side) -> dict[str, Login]:
    """Return the users of the binding with their credentials in a region. Raises CouldNotRun."""
    binding = world.settings.cutover.binding
    if binding is None or not binding.users:
        return {}
    return _at_source(world, binding.users) if side == "source" else _at_target(world, binding.users)


def _at_target(world: World, users: tuple[str, ...]) -> dict[str, Login]:
    settings, kubernetes = world.settings, world.target_kubernetes
    clients = clients_of(settings, kubernetes).clients
    found = {}
    for user in users:
        client = clients.get(user)
        if client is None:
            raise CouldNotRun(_TRIED, f"{user} is no copied user of this mirror", "run `pulumi up`")
        if client.problem is not None or client.listener is None:
            reason = client.problem or f"it has no credential ({client.authentication})"
            raise CouldNotRun(_TRIED, f"user {user}: {reason}", client.remedy or _leave_out(user))
        own = client.listener.own_certificate and client.ca.endswith(f"/{client.listener.own_certificate}")
        public = own or (settings.target.public_ca and client.listener.name == settings.target.listener)
        kind = "scram-sha-512" if client.mechanism else "tls"
        there = Connection(
            settings.target.alias,
            client.listener.bootstrap_servers,
            _PROTOCOLS[kind],
            "" if public else _certificates(_named(kubernetes, client.ca)),
        )
        secret = _named(kubernetes, client.secret) if client.secret else {}
        found[user] = Login(user, client.authentication, there, secret)
    return found


def _at_source(world: World, users: tuple[str, ...]) -> dict[str, Login]:
    settings, notes = world.settings, Notes()
    origin = origin_of(settings, world.root)
    origin.bootstrap_servers(notes)
    content = origin.authorities(notes) if settings.source.trusts_a_named_ca else None
    there = {one.name: one for one in origin.users(notes)}
    if notes.findings:
        first = notes.findings[0]
        raise CouldNotRun(_TRIED, f"{first.subject}: {first.message}", first.remedy)
    ca_pem = "" if content is None else _certificates(content.data)
    found = {}
    for user in users:
        if user not in there:
            raise CouldNotRun(_TRIED, f"{user} is no user of {settings.source.alias}", _leave_out(user))
        one = there[user]
        kind = "scram-sha-512" if one.authentication == "scram-sha-512" else "tls"
        made = Connection(settings.source.alias, _address(world, origin, kind), _PROTOCOLS[kind], ca_pem)
        found[user] = Login(user, one.authentication, made, _credential(world, one))
    return found


def _address(world: World, origin: Origin, kind: str) -> str:
    """The address of the source's listener with this authentication, as the target's region reaches it."""
    source, kafka = world.settings.source, origin.kafka()
    if source.bootstrap_servers and source.encrypted and source.authentication == kind:
        return source.bootstrap_servers
    for listener in taking(kafka, kind, source.listener or "") if kafka else ():
        return listener.bootstrap_servers
    raise CouldNotRun(
        _TRIED,
        f"no listener of {source.alias} with TLS and an address takes {kind} users",
        "remove these users from cutover.binding.users",
    )


def _credential(world: World, user: SourceUser) -> Mapping[str, bytes]:
    if user.secret is not None:
        return user.secret.data
    if user.authentication != "tls":
        return {}
    if world.source_kubernetes is None:
        raise CouldNotRun(
            _TRIED, f"the certificate of {user.name} is not in the export", _leave_out(user.name)
        )
    return world.source_kubernetes.secret(str(world.settings.source.namespace), user.name)


def _of_access(access: ClusterAccess) -> Connection:
    sasl = not isinstance(access.credential, TlsCredential | NoCredential)
    protocol = security_protocol(tls=access.encrypted, sasl=sasl)
    return Connection(access.alias, access.bootstrap_servers, protocol, access.ca_pem)


def _named(kubernetes: Kubernetes, where: str) -> dict[str, bytes]:
    namespace, _, name = where.partition("/")
    return kubernetes.secret(namespace, name)


def _certificates(data: Mapping[str, bytes]) -> str:
    """Join every certificate of a CA's Secret, also those of a CA that is being replaced."""
    texts = [
        value.decode(errors="replace").strip() for key, value in sorted(data.items()) if key.endswith(".crt")
    ]
    return "".join(f"{text}\n" for text in texts)


def _leave_out(user: str) -> str:
    return f"remove {user} from cutover.binding.users"
