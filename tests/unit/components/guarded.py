"""What a guard of a destroy keeps, and what it would read of the clusters."""

from __future__ import annotations

from typing import Any

from mirror.cutover.teardown.judge import Use, Waiting
from mirror.estate.kafka_user_acls import AclRule
from mirror.verify.values.active_group import GroupOnTarget, Member
from settings.load import dump
from tests.unit.settings.sample import settings

BUSY = Use(waiting=Waiting(7, True, {"orders-0": 7}))
IN_USE = Use(active=[GroupOnTarget("billing", "STABLE", (Member("c", "h"),))], waiting=BUSY.waiting)


class Clusters(dict[str, Any]):
    """What would be read of each mirror, by its name; nothing speaks against others. `acls`: of users on the
    target, by their names, where they exist.
    """

    def __init__(self) -> None:
        super().__init__()
        self.acls: dict[str, list[AclRule] | None] = {}


def props(*mirrors: Any) -> dict[str, Any]:
    return {
        "mirrors": {
            one.mirror.name: {"settings": dump(one), "spec": {"target": {}}, "copied": ["billing"]}
            for one in mirrors
        },
        "__provider": "p",
    }


def copying(*users: str, **changes: Any) -> dict[str, Any]:
    made = props(settings(**changes))
    made["mirrors"]["east-to-west"]["copied"] = list(users)
    return made
