"""A plan names the copied users that are added, change, lose a permission or are removed."""

from __future__ import annotations

from manifests.estate import CopiedUser
from mirror.plan.planned import Plan
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.plan.made_up import plan
from tests.unit.settings.sample import settings


def test_a_users_new_password_restarts_nothing() -> None:
    given = settings()
    users = estate(given).source.kafka_users
    rotated = tuple(
        type(one)(one.name, one.spec, "another") if one.name == "orders-consumer" else one for one in users
    )
    found = plan(given, given, here=estate(given, kafka_users=rotated))
    assert found.credentials == ("the password of orders-consumer changes",)
    assert found.restart == "nothing"


def test_users_that_appear_and_go_are_named() -> None:
    new = settings(users__copy=["orders-producer", "tls-reader"])
    found = plan(new, settings())
    assert [(one.name, one.owner, one.action) for one in found.users] == [
        ("tls-reader", "copied", "appears"),
        ("orders-consumer", "copied", "goes"),
    ]


def test_a_user_that_remains_is_no_change() -> None:
    """A promoted mirror leaves its users. The plan said for ever that their clients cannot log in."""
    promoted = {"mirror__phase": "promoted"}
    found = plan(settings(users__copy=["orders-producer"], **promoted), settings(**promoted))
    assert (found.users, found.changes) == ((), False)
    (said,) = [one for one in found.notes if "orders-consumer" in one]
    assert said.startswith("1 user of this mirror that `users` does not choose any more remain on west")


def test_a_right_that_a_copied_user_loses_is_named() -> None:
    given = settings()
    user = estate(given).source.kafka_users[0]
    acls = user.spec["authorization"]["acls"]
    less = {**user.spec, "authorization": {"type": "simple", "acls": acls[:1]}, "quotas": {}}
    found = plan(given, given, here=estate(given, kafka_users=(type(user)(user.name, less, user.password),)))
    change = next(one for one in found.users if one.name == user.name)
    assert change.details == ("- Read on group orders-*", "no quotas, not quotas consumerByteRate 1,048,576")


def with_a_producer(new: Settings, old: Settings | None = None) -> Plan:
    """The plan of a mirror that copies one user, who writes to the mirrored topic orders."""
    rule = {"resource": {"type": "topic", "name": "orders"}, "operations": ["Write"]}
    producer = CopiedUser("orders-producer", {"authorization": {"type": "simple", "acls": [rule]}})
    here = estate(new, kafka_users=(producer,))
    return plan(new, old, here=here, there=here)


def test_users_that_may_not_write_before_the_promotion_are_named() -> None:
    given = settings()
    (note,) = [one for one in with_a_producer(given).notes if "standby_writes" in one]
    assert note == (
        "1 copied user may read mirrored topics on west now, and write to them after the promotion "
        "(users.standby_writes: refuse): orders-producer"
    )
    quiet = (with_a_producer(given, given), with_a_producer(settings(users__standby_writes="allow")))
    assert not any("standby_writes" in note for found in quiet for note in found.notes)


def test_users_that_lose_write_are_a_warning_because_clients_may_use_it() -> None:
    found = with_a_producer(settings(), settings(users__standby_writes="allow"))
    (warning,) = found.warnings
    assert "this change takes that away until the promotion: orders-producer" in warning
    (change,) = found.users
    assert change.details == ("+ deny Write on topic orders",)


def test_the_promotion_shows_as_the_rules_that_it_removes() -> None:
    found = with_a_producer(settings(mirror__phase="promoted"), settings())
    assert [one.details for one in found.users] == [("- deny Write on topic orders",)]
    assert not found.warnings
