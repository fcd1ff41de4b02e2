"""Finds where copied users log in: a listener of the target's Kafka that takes their kind of login."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from manifests.estate import Listener
from mirror.clients.access import ClusterAccess
from mirror.estate.kafka_listeners import taking
from mirror.estate.kafka_user_acls import rules_of
from mirror.problems import CouldNotRun, one_line
from mirror.verify.reading.copied_users import CopiedUser
from mirror.verify.reading.logins import Login
from mirror.verify.reading.look import Look
from mirror.verify.values.user_login import Tried
from settings.model import Settings

REACH_SECONDS = 4.0


def logins_at_target(
    look: Look,
    copied: Sequence[CopiedUser],
    kafka: Mapping[str, Any] | None,
    unread: CouldNotRun | None,
) -> tuple[dict[str, Login], dict[str, Tried]]:
    """How each user logs in; and the users for whom no listener was found."""
    own = look.sides.target.access
    places: dict[str, ClusterAccess | Tried] = {}
    logins: dict[str, Login] = {}
    nowhere: dict[str, Tried] = {}
    for user in copied:
        if user.credential is None:
            continue
        kind = str(user.authentication)
        if kind not in places:
            places[kind] = _place(kafka or {}, unread, kind, own, look.settings)
        place = places[kind]
        if isinstance(place, Tried):
            nowhere[user.name] = place
            continue
        access = replace(place, credential=user.credential)
        logins[user.name] = Login(access, tuple(rules_of(user.resource.get("spec") or {})))
    return logins, nowhere


def _place(
    kafka: Mapping[str, Any],
    unread: CouldNotRun | None,
    kind: str,
    own: ClusterAccess,
    settings: Settings,
) -> ClusterAccess | Tried:
    """Where users of a kind log in: the first listener for them that can be reached from here."""
    if unread is not None:
        if settings.target.authentication == kind:
            return own
        message = f"which listener takes {kind} is not known: {unread.happened}"
        return Tried(refused=message, remedy=unread.way_out)
    found = taking(kafka, kind, settings.target.listener)
    failures = []
    for listener in found:
        failure = _unreachable(listener)
        if failure is None:
            # Where the mirror itself connects, it is known which CA is trusted, or that public CAs are.
            ours = listener.name == settings.target.listener
            ca_pem = own.ca_pem if ours else "\n".join([own.ca_pem, *listener.certificates])
            return replace(
                own,
                bootstrap_servers=listener.bootstrap_servers,
                ca_pem=ca_pem,
                host_names=own.host_names if ours else True,
            )
        failures.append(f"{listener.name} at {listener.bootstrap_servers}: {failure}")
    if failures:
        return Tried(
            refused=f"no listener that takes {kind} can be reached from here ({'; '.join(failures)})",
            remedy="verify from the network of the clients: `verification.runner`, or a VPN",
        )
    return Tried(
        refused=f"Kafka {settings.target.namespace}/{settings.target.cluster} has no listener with TLS that "
        f"takes {kind}",
        remedy="add one: clients of these users cannot connect without it",
    )


def _unreachable(listener: Listener) -> str | None:
    """Why nothing answers at the listener's first address; None where something does."""
    host, _, port = listener.bootstrap_servers.split(",")[0].strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS):
            return None
    except (OSError, ValueError) as error:
        return one_line(error) or type(error).__name__
