"""Section `users`: who finds the same credentials and rights on the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from settings import rules
from settings.model.fields import meta

TlsUsers = Literal["new-certificate", "keep-certificate"]


@dataclass(frozen=True, slots=True)
class UsersSettings:
    """The users that find the same credentials and rights on the target.

    SCRAM users keep their password, so that their clients change nothing but the bootstrap servers.
    """

    copy: tuple[str, ...] = field(
        default=(),
        metadata=meta("The source's KafkaUsers to create on the target.", rule=rules.resource_name),
    )
    selector: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Besides those: every KafkaUser of the source that carries all of these labels.",
            key_rule=rules.label_key,
            rule=rules.label_value,
        ),
    )
    tls: TlsUsers = field(
        default="new-certificate",
        metadata=meta(
            "What becomes of users that log in with a certificate. `new-certificate`: one of the target's "
            "clients CA, in a Secret of the user's name. `keep-certificate`: `tls-external`, where the "
            "target trusts the source's clients CA."
        ),
    )
