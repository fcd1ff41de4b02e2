"""What a person still has to do after the promotion, where the stack file does not let the cutover do it."""

from __future__ import annotations

from collections.abc import Iterable

from manifests.clients import CA_KEYS, Client
from settings.model import Role, Settings

_ROLES: tuple[Role, ...] = ("consumer", "producer")


def remaining(settings: Settings, clients: Iterable[Client], hurry: str = "") -> str:
    """Name the changes that are left, in their order, one a line. `clients`: the copied users, as they
    connect to the target. `hurry`: what comes before all of them, if anything."""
    target, cutover = settings.target.alias, settings.cutover
    by_hand = [f"{role}s" for role in _ROLES if not cutover.workloads_of("target", role)]
    lines = [hurry] if hurry else []
    if by_hand:
        lines.append(
            f"Start {' and then '.join(by_hand)} there: `region-mirror clients` prints how each copied user "
            "connects"
        )
        lines += [f"  {_change(one)}" for one in clients]
    if cutover.binding is not None:
        namespace = cutover.binding.namespace or settings.target.namespace
        lines.append(
            f"ConfigMap {namespace}/{cutover.binding.name} and its Secrets have the connection to {target}: "
            "restart applications that read them and are no workload of the cutover"
        )
    moved = "cutover.switch_command has moved" if cutover.switch_command else "people move by hand"
    lines.append(
        f"Restart every producer that ran on and follows an address that {moved}: it keeps the producer id "
        f"that {settings.source.alias} gave it, and {target} may acknowledge its records and not write them "
        "(docs/cutover-clients.md)"
    )
    lines.append("Set `mirror.phase: promoted` in the stack file and run `pulumi up`")
    numbered = [line if line.startswith(" ") else f"- {line}" for line in lines]
    return "\n".join([f"{target} is promoted. What is left to do:", *numbered])


def _change(one: Client) -> str:
    if one.problem is not None or one.listener is None:
        return f"user {one.user}: {one.problem or 'no credential of its own'}"
    protocol = "SASL_SSL" if one.mechanism else "SSL"
    trust = one.ca if one.listener.own_certificate else f"Secret {one.ca} ({CA_KEYS})"
    secret = f" (Secret {one.secret}: {', '.join(one.keys)})" if one.secret else ""
    return (
        f"user {one.user}: bootstrap.servers={one.listener.bootstrap_servers} "
        f"security.protocol={protocol}, trust {trust}, change of the credential: {one.change}{secret}"
    )
