"""Users are found by name or label in few requests, and those that cannot be made on the target are named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.estate import Estate
from manifests.metadata import MIRROR
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from settings.model import Settings, UsersSettings
from tests.unit.support.fake_kubernetes import OPERATOR, FakeKubernetes, authority, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import issue

CA = authority()


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeKubernetes]:
    both = two_regions(CA)
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    return both


def read(**users: Any) -> Estate:
    return read_estate(stack(**users), Path())


def stack(**users: Any) -> Settings:
    return replace(settings(), users=UsersSettings(**users))


def problems(**users: Any) -> list[str]:
    with pytest.raises(EstateError) as caught:
        read(**users)
    return [f"{one.subject}: {one.message}" for one in caught.value.findings]


def test_a_selector_takes_those_with_all_its_labels(sides: dict[str, FakeKubernetes]) -> None:
    east = sides["east"]
    east.add_user("b", password="pw-b", team="x", tier="1")
    east.add_user("a", password="pw-a", team="x", tier="1")
    east.add_user("c", password="pw-c", team="x")
    east.add_user("d", password="pw-d", team="x", tier="1", cluster="another")
    found = read(copy=("c",), selector={"team": "x", "tier": "1"}).source.kafka_users
    assert [(one.name, one.password) for one in found] == [("c", "pw-c"), ("a", "pw-a"), ("b", "pw-b")]


def test_a_thousand_users_are_a_handful_of_requests(sides: dict[str, FakeKubernetes]) -> None:
    east = sides["east"]
    for number in range(1000):
        east.add_user(f"user-{number:04}", password=f"pw-{number}", team="x")
    assert len(read(selector={"team": "x"}).source.kafka_users) == 1000
    assert len(east.asked) <= 10
    east.asked.clear()
    names = tuple(f"user-{number:04}" for number in range(1000))
    found = read(copy=names).source.kafka_users
    assert tuple(one.name for one in found) == names
    by_name = [one for one in east.asked if one.startswith("Secret kafka/user-")]
    assert sorted(by_name) == [f"Secret kafka/{name}" for name in names]
    assert len(east.asked) - len(by_name) <= 10


def test_no_credential_is_read_but_those_to_copy(sides: dict[str, FakeKubernetes]) -> None:
    """However many are copied, and whatever is selected, on both sides."""
    east, west = sides["east"], sides["west"]
    names = tuple(f"user-{number:03}" for number in range(100))
    for name in names:
        east.add_user(name, password=f"pw-{name}")
    east.add_user("selected", password="pw", team="x")
    for side in (east, west):
        side.add_user("somebody-else", password="pw", cluster=side.where.removeprefix("https://"))
    for one in ({"copy": names}, {"copy": names, "selector": {"team": "x"}}):
        assert len(read(**one).source.kafka_users) >= 100
    for side in (east, west):
        assert "secrets" not in side.asked
        assert not [one for one in side.asked if one.endswith("Secret kafka/somebody-else")]


def test_where_lists_are_forbidden_names_are_asked_for_one_by_one(sides: dict[str, FakeKubernetes]) -> None:
    east = sides["east"]
    names = tuple(f"user-{number:02}" for number in range(30))
    for name in names:
        east.add_user(name, password=f"pw-{name}")
    east.forbidden |= {"secrets", "KafkaUsers"}
    found = read(copy=names).source.kafka_users
    assert [(one.name, one.password) for one in found] == [(name, f"pw-{name}") for name in names]
    assert len(east.asked) >= 60


def test_a_few_names_list_nothing(sides: dict[str, FakeKubernetes]) -> None:
    sides["east"].add_user("a", password="pw")
    read(copy=("a",))
    assert "secrets" not in sides["east"].asked
    assert "KafkaUsers" not in sides["east"].asked


def test_a_selector_needs_the_right_to_list(sides: dict[str, FakeKubernetes]) -> None:
    sides["east"].forbidden.add("KafkaUsers")
    assert problems(selector={"team": "x"}) == ["reading KafkaUsers from https://east: forbidden"]


def test_a_selector_that_matches_nobody_is_told(sides: dict[str, FakeKubernetes]) -> None:
    assert read(selector={"team": "x"}).warnings == (
        "users.selector (team=x) matches no KafkaUser of kafka/east",
    )


def test_a_selector_that_matches_nobody_any_more_deletes_no_copy(sides: dict[str, FakeKubernetes]) -> None:
    """A label was renamed: the next `pulumi up` deleted all users of the standby, with a warning."""
    there(sides["west"], "billing", "east-to-west")
    there(sides["west"], "east-to-west", "east-to-west")
    (said,) = problems(selector={"team": "x"})
    assert said == "users.selector: it matches no KafkaUser of east, so all copies would be deleted: billing"
    sides["east"].add_user("billing", password="pw", team="x")
    assert read(selector={"team": "x"})
    assert read() is not None, "without a selector the copies are deleted on purpose"


def test_users_that_would_never_be_ready(sides: dict[str, FakeKubernetes]) -> None:
    east, long = sides["east"], "u" * 65
    east.add_user(long)
    east.add_user("still", {"quotas": {"producerByteRate": 0, "consumerByteRate": 1}})
    acls = [{"resource": {"type": "topic", "name": "x"}}]
    east.add_user("vague", {"authorization": {"type": "simple", "acls": acls}})
    east.add_user("foreign", cluster="another")
    assert problems(copy=(long, "still", "vague", "foreign")) == [
        f"KafkaUser {long} of east: its name has 65 characters, but the CN of a certificate has at most 64",
        "KafkaUser still of east: its quota producerByteRate is 0, which Kafka rejects",
        "KafkaUser vague of east: its ACL 0 names no operation; because of it the User Operator would "
        "set none of the ACLs",
        "KafkaUser foreign of east: it is a user of Kafka another, not of source.cluster east",
    ]


def test_a_selected_user_with_the_mirrors_own_name(sides: dict[str, FakeKubernetes]) -> None:
    sides["east"].add_user("east-to-west-verifier", team="x")
    (said,) = problems(selector={"team": "x"})
    assert said.startswith("KafkaUser east-to-west-verifier (users.selector): is the name of")


def there(side: FakeKubernetes, name: str, owner: str | None) -> None:
    side.add_user(name, password="x")
    if owner:
        side.resources[("KafkaUser", name)]["metadata"]["annotations"] = {MIRROR: owner}


def test_users_of_others_are_not_taken_over(sides: dict[str, FakeKubernetes]) -> None:
    for name in ("a", "b", "c"):
        sides["east"].add_user(name, password="x")
    there(sides["west"], "a", None)
    there(sides["west"], "b", "east-to-west")
    there(sides["west"], "c", "north-to-west")
    there(sides["west"], "somebody-else", None)
    there(sides["west"], "east-to-west", None)
    assert problems(copy=("a", "b", "c")) == [
        "KafkaUser kafka/east-to-west on west: it already exists and does not belong to this mirror: "
        "its password and "
        "ACLs would be overwritten",
        "KafkaUser kafka/a on west: it already exists and does not belong to this mirror: its "
        "password and ACLs would "
        "be overwritten",
        "KafkaUser kafka/c on west: mirror north-to-west already manages this user",
    ]


def test_secrets_of_others_are_not_overwritten(sides: dict[str, FakeKubernetes]) -> None:
    """The User Operator writes a user's credential into the Secret of its name, whoever made that one."""
    sides["east"].add_user("billing", password="x")
    sides["east"].add_user("audit")
    sides["east"].add_user("ledger", password="x")
    west = sides["west"]
    ours = ("east-to-west-east-user", "east-to-west-ledger-password")
    west.secrets_there |= {name: {"a": b"b"} for name in ("billing", "ledger", "audit", *ours)}
    west.secret_labels |= {name: {"strimzi.io/kind": "KafkaUser"} for name in ("audit", "ledger")}
    west.secret_annotations[ours[1]] = {MIRROR: "east-to-west"}
    assert problems(copy=("billing", "audit", "ledger")) == [
        "Secret kafka/billing on west: it is not a user's Secret, and the User Operator would "
        "overwrite it with "
        "the credential of KafkaUser billing",
        "Secret kafka/east-to-west-east-user on west: it already exists and does not belong to this "
        "mirror: it would "
        "be overwritten",
    ]


@pytest.mark.parametrize(("of", "what"), [("KafkaUsers", "KafkaUsers"), ("metadata-of-Secret", "Secrets")])
def test_without_the_right_to_look_it_is_said(sides: dict[str, FakeKubernetes], of: str, what: str) -> None:
    sides["west"].forbidden.add(of)
    (warning,) = read().warnings
    assert warning.startswith(f"could not check whether the target already has {what} with the same names")


@pytest.fixture
def keeping(sides: dict[str, FakeKubernetes]) -> dict[str, FakeKubernetes]:
    """A TLS user whose certificate the source's clients CA signed."""
    clients = authority("clients-ca v0")
    sides["east"].add_user("a")
    expired = issue("clients-ca v0", days=-800)
    sides["east"].secrets_there["east-clients-ca-cert"] = {
        "ca.crt": clients.pem.encode(), "ca-old.crt": expired.pem.encode()
    }  # fmt: skip
    sides["west"].secrets_there["west-clients-ca-cert"] = {"ca.crt": authority("x").pem.encode()}
    return sides


def test_kept_certificates_that_the_target_trusts(keeping: dict[str, FakeKubernetes]) -> None:
    signed_by = keeping["east"].secrets_there["east-clients-ca-cert"]["ca.crt"]
    keeping["west"].secrets_there["west-clients-ca-cert"]["east.crt"] = signed_by
    assert read(copy=("a",), tls="keep-certificate").warnings == ()


def test_kept_certificates_that_nobody_trusts(keeping: dict[str, FakeKubernetes]) -> None:
    assert problems(copy=("a",), tls="keep-certificate") == [
        "users.tls keep-certificate: 1 TLS user (a) keep their certificates, but Secret "
        "kafka/west-clients-ca-cert has no ca.crt of Secret kafka/east-clients-ca-cert"
    ]


def test_a_listener_with_trust_of_its_own_cannot_be_judged(keeping: dict[str, FakeKubernetes]) -> None:
    listeners = [{"name": "partners", "tls": True, "authentication": {"type": "custom"}}]
    spec = {"kafka": {"listeners": listeners, "authorization": {"type": "simple"}}, **OPERATOR}
    keeping["west"].resources[("Kafka", "west")]["spec"] = spec
    (warning,) = read(copy=("a",), tls="keep-certificate").warnings
    assert "Only listener partners, which has custom authentication, may accept them" in warning


def test_new_certificates_ask_for_no_trust(keeping: dict[str, FakeKubernetes]) -> None:
    read(copy=("a",))
    assert "Secret kafka/west-clients-ca-cert" not in keeping["west"].asked
