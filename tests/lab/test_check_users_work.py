"""A copied user that cannot log in on the target, or may not do what it could, fails users-work alone."""

from __future__ import annotations

from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack

USER = "orders-consumer"
FORGED = "changed by hand"


def set_password(regions: Regions, password: str) -> None:
    """In Kafka of the target, behind the User Operator's back."""
    admin = AdminClient(regions.kafka("west"))
    mechanism = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    change = UserScramCredentialUpsertion(USER, mechanism, password.encode())
    admin.alter_user_scram_credentials([change])[USER].result(30)


def test_a_password_changed_by_hand_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    password = regions.password("east", USER)
    # The User Operator puts right what was changed by hand, in the lab every few seconds.
    with regions.frozen("west-operator"):
        set_password(regions, FORGED)
        try:
            proven.fails_alone("users-work")
            ran = proven.verify("--check", "users-work", "--json")
            assert ran.code == 1
            assert f"user {USER}" in ran.output
            assert "login refused" in ran.output
            assert password not in ran.output
            assert FORGED not in ran.output
        finally:
            set_password(regions, password)


def test_a_right_taken_away_by_hand_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    admin = AdminClient(regions.kafka("west"))
    reading = AclBindingFilter(
        ResourceType.TOPIC,
        None,  # type: ignore[arg-type]
        ResourcePatternType.ANY,
        f"User:{USER}",
        None,  # type: ignore[arg-type]
        AclOperation.READ,
        AclPermissionType.ALLOW,
    )
    # The User Operator puts right what was changed by hand, in the lab every few seconds.
    with regions.frozen("west-operator"):
        taken = list(admin.delete_acls([reading])[reading].result(30))
        assert taken, f"{USER} had no right to read a topic"
        try:
            proven.fails_alone("users-work")
            ran = proven.verify("--check", "users-work")
            assert ran.code == 1
            assert f"user {USER}" in ran.output
            assert "may not" in ran.output
            assert "Read" in ran.output
        finally:
            for future in admin.create_acls(taken).values():
                future.result(30)
