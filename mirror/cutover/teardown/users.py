"""Says why copied users must not be deleted yet, of a mirror that stays. Pure.

A stack stops copying a user when it leaves `users.copy`, or, with `users.selector`, when the source's
KafkaUser loses a label or is deleted: nobody who changes that sees the clients on the target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mirror.cutover.teardown.judge import OVERRIDE, Use, groups_in_use
from mirror.estate.kafka_user_acls import AclRule, allowed
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.model import Settings

Users = Mapping[str, Sequence[AclRule] | None]
"""Copied users and their ACLs on the target; None where they are not known."""
_SHOWN = 5


def refusal_of_users(settings: Settings, users: Users, use: Use) -> str | None:
    """Return the message of the refusal; None where none of the users may read a group that is in use."""
    in_use = groups_in_use(
        replace(
            use,
            active=[one for one in use.active if _reads(users, one.group)],
            moved=[one for one in use.moved if _reads(users, one.group)],
        )
    )
    unknown = [f"  Unknown: {reason}" for reason in use.unknown]
    if not (in_use or unknown):
        return None
    mirror, target = settings.mirror.name, settings.target.alias
    what = counted(len(users), "copied KafkaUser")
    lines = [
        f"mirror {mirror}: deleting {what} on {target} is refused. Nothing has been deleted.",
        f"  No longer copied: {few(sorted(users), _SHOWN)}. Either users.copy does not name them any more, "
        "or the source has no such KafkaUser with the labels of users.selector.",
    ]
    if in_use:
        lines.append(f"  They may read consumer groups that use the copies on {target}:")
        lines += in_use
    lines += [
        *unknown,
        "  Clients of a deleted user are refused within seconds.",
        "  To keep the users: name them in users.copy, or give the source's KafkaUsers their labels again. "
        "If the source has them no longer: `pulumi state delete` for each of them and its Secret (`pulumi "
        "stack --show-urns`), which deletes nothing on the target.",
        f"  To delete them nevertheless: set {OVERRIDE}={mirror} in the environment of `pulumi`.",
    ]
    return "\n".join(lines)


def _reads(users: Users, group: str) -> bool:
    return any(rules is None or "Read" in allowed(rules, "group", group) for rules in users.values())
