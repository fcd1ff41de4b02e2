"""Section `users`: the users that are copied to the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import meta
from settings.rules import kubernetes

TlsUsers = Literal["new-certificate", "keep-certificate"]
StandbyWrites = Literal["refuse", "allow"]


@dataclass(frozen=True, slots=True)
class UsersSettings:
    """The users that are copied to the target with their credentials and ACLs.

    SCRAM users keep their password, so that their clients change only the bootstrap servers.
    """

    copy: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Names of the source's KafkaUsers to create on the target.", rule=kubernetes.resource_name
        ),
    )
    selector: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Labels: every KafkaUser of the source with all of these labels is copied too.",
            key_rule=kubernetes.label_key,
            rule=kubernetes.label_value,
        ),
    )
    tls: TlsUsers = field(
        default="new-certificate",
        metadata=meta(
            "How users that log in with a certificate are copied. `new-certificate`: the target's"
            " clients CA issues a new certificate, in a Secret with the user's name. "
            "`keep-certificate`: they keep their certificate (`tls-external`); the target has to "
            "trust the source's clients CA."
        ),
    )
    retain: bool = field(
        default=False,
        metadata=meta(
            "Whether `pulumi destroy` leaves the copied users and their passwords on the target, for clients"
            " that have moved. Run `pulumi up` once after setting it: it also holds for a user that is taken"
            " out of `copy`."
        ),
    )
    standby_writes: StandbyWrites | None = field(
        default=None,
        metadata=meta(
            "Whether copied users may write to mirrored topics on the target before the promotion. `refuse`: "
            "they may only read them, so that a producer with the wrong address does not write to a copy; "
            "the promotion gives them Write. Absent: `refuse` where topics keep their names (`mirror."
            "replication_policy: identity`), else `allow`. See [users.md](users.md)."
        ),
    )
