"""How each user connects to the target: listener, trusted CA and credential. Names only, no secret. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from manifests.estate import Estate, Listener
from manifests.strimzi.kafka_user import copied_user
from manifests.strimzi.standby import is_read_only
from manifests.users import credential_place, kind_on_target
from settings.model import Settings

CA_KEYS = "*.crt"
"""All keys of the CA's Secret: during a renewal it holds the old certificate beside the new one."""
LOGINS = {"scram-sha-512": "scram-sha-512", "tls": "tls", "tls-external": "tls"}
"""The listener's authentication that takes each kind of KafkaUser."""
_WORDS = {"scram-sha-512": "SCRAM users", "tls": "TLS users"}


@dataclass(frozen=True, slots=True)
class Client:
    """One user. `problem` says why no listener works for it; a user without a credential has neither a
    listener nor a problem.
    """

    user: str
    authentication: str
    change: str
    listener: Listener | None = None
    ca: str = ""
    """The Secret to trust, or whose CA to trust where the listener shows a certificate of its own."""
    secret: str | None = None
    keys: tuple[str, ...] = ()
    problem: str | None = None
    remedy: str = ""
    read_only: bool = False
    """Whether it may not write to mirrored topics before the promotion."""

    @property
    def mechanism(self) -> str | None:
        """`sasl.mechanism`; None for a login by certificate."""
        return "SCRAM-SHA-512" if self.authentication == "scram-sha-512" else None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; what does not apply is absent."""
        found: dict[str, Any] = {"authentication": self.authentication}
        if self.listener is not None:
            found |= {
                "listener": self.listener.name,
                "bootstrapServers": self.listener.bootstrap_servers,
                "securityProtocol": "SASL_SSL" if self.mechanism else "SSL",
            }
            if self.mechanism:
                found["saslMechanism"] = self.mechanism
            if self.listener.own_certificate:
                found["listenerCertificate"] = self.ca
            else:
                found |= {"caSecret": self.ca, "caKeys": [CA_KEYS]}
        if self.secret is not None:
            found |= {"secret": self.secret, "keys": list(self.keys)}
        found["change"] = self.change
        if self.read_only:
            found["writes"] = "after the promotion"
        if self.problem is not None:
            found |= {"problem": self.problem, "remedy": self.remedy}
        return found


def client_of(
    settings: Settings,
    name: str,
    kind: str | None,
    listeners: Sequence[Listener],
    problem: tuple[str, str] | None = None,
) -> Client:
    """How a user with this authentication on the target connects there.

    `listeners` are the target's, the preferred ones first; `problem` is a known one and its remedy.
    """
    target = settings.target
    place = credential_place(settings, name, kind)
    secret, keys = place.get("secret"), tuple(place.get("keys", ()))
    login, change = place["authentication"], place["change"]
    if kind not in LOGINS:
        found, remedy = problem or (None, "")
        return Client(name, login, change, problem=found, remedy=remedy)
    listener = next((one for one in listeners if one.authentication == LOGINS[kind]), None)
    if problem is None and listener is None:
        problem = _no_listener(settings, LOGINS[kind], listeners)
    own = listener.own_certificate if listener else None
    if own and listener and listener.name == target.listener and target.ca_secret:
        own = target.ca_secret
    ca = f"{target.namespace}/{own or f'{target.cluster}-cluster-ca-cert'}"
    message, remedy = problem or (None, "")
    return Client(name, login, change, listener, ca, secret, keys, message, remedy)


def client_places(settings: Settings, estate: Estate) -> dict[str, dict[str, Any]]:
    """For each copied user how it connects to the target, for the stack's outputs."""
    listeners = estate.target.listeners
    found = {}
    for user in estate.source.kafka_users:
        client = client_of(settings, user.name, kind_on_target(settings, user), listeners)
        copy = copied_user(settings, user.name, user.spec)["spec"]
        found[user.name] = replace(client, read_only=is_read_only(settings, copy))
    return to_json(found)


def addresses_in_words(settings: Settings, estate: Estate) -> str:
    """Where users of each kind connect; of both kinds where no user is copied."""
    kinds = [kind_on_target(settings, user) for user in estate.source.kafka_users]
    logins: Iterable[str] = dict.fromkeys(LOGINS[kind] for kind in kinds if kind in LOGINS)
    return "; ".join(_address(settings, one, estate.target.listeners) for one in logins or _WORDS)


def to_json(clients: Mapping[str, Client]) -> dict[str, Any]:
    """The users by name."""
    return {name: one.to_json() for name, one in clients.items()}


def _address(settings: Settings, login: str, listeners: Sequence[Listener]) -> str:
    one = client_of(settings, "", login, listeners)
    if one.listener is None:
        return f"{_WORDS[login]}: {one.problem}"
    trust = "the CA that signed the certificate in Secret" if one.listener.own_certificate else "Secret"
    kafka = f"{settings.target.namespace}/{settings.target.cluster}"
    return (
        f"{_WORDS[login]}: bootstrap.servers={one.listener.bootstrap_servers} "
        f"(listener {one.listener.name} of Kafka {kafka}), trusting {trust} {one.ca}"
    )


def _no_listener(settings: Settings, login: str, listeners: Sequence[Listener]) -> tuple[str, str]:
    where = f"Kafka {settings.target.namespace}/{settings.target.cluster}"
    custom = [one.name for one in listeners if one.authentication == "custom"]
    message = f"no listener of {where} with TLS and an address takes {login}"
    remedy = f"add a listener with `tls: true` and `authentication: {{type: {login}}}` to {where}"
    if custom:
        message += f"; which logins {', '.join(custom)} takes (custom) cannot be read"
    return message, remedy
