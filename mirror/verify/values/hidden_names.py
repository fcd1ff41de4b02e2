"""Topics or groups that Kafka hides from the source user: how a check tells of them. Pure.

Kafka leaves what a user may not Describe out of its answers, to MM2 and to every check: `hidden` are the
scopes of the mirror's patterns that no ACL of the user covers, None where its ACLs are not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mirror.problems import Finding
from settings.scopes import Scope

Kind = Literal["topic", "group"]
_LOST = {"topic": "and they are not mirrored", "group": "and MM2 translates none of them"}


def hidden_finding(kind: Kind, scope: Scope, user: str) -> Finding:
    """What is wrong with one scope, and the way out."""
    where = f"{kind} {scope.name}{'*' if scope.pattern_type == 'prefix' else ''}"
    message = (
        f"{user} has no ACL by which it may Describe every {where}: Kafka hides the other {kind}s, "
        f"{_LOST[kind]}"
    )
    remedy = (
        f"give it the ACLs that `region-mirror source-user` prints, or narrow `mirror.{kind}s` to the "
        f"{kind}s that it may see"
    )
    return Finding(f"mirror.{kind}s", message, remedy)


def seen_by(kind: Kind, user: str, hidden: Sequence[Scope] | None) -> str:
    """For a summary: whose topics or groups were judged; empty where nothing is hidden."""
    if hidden is None:
        return f"of the {kind}s that {user} can see"
    return f"{user} may not see all {kind}s that `mirror.{kind}s` can match" if hidden else ""
