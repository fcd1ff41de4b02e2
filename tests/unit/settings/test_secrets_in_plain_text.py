"""A password that anybody can read in the stack file is refused, whatever else is sound."""

from __future__ import annotations

from typing import Any

import pytest

from settings.plain_secrets import plain_secrets, secret_values
from tests.unit.settings.sample import raw

ENCRYPTED = {"secure": "v1:x"}
SECRET_FILE = "apiVersion: v1\nkind: Secret\ndata: {password: aHVudGVyMg==}\n"


def outside(**credentials: object) -> dict[str, object]:
    source = {
        "alias": "msk",
        "user": "mirror-source",
        "bootstrap_servers": "b-1.example.com:9096",
        "credentials": {"public_ca": True, **credentials},
    }
    return {**raw(users__copy=[]), "source": source}


def paths(given: dict[str, object], *encrypted: str) -> list[str]:
    return [one.path for one in plain_secrets(given, lambda path: path in encrypted)]


def test_a_plain_password_is_refused_and_not_repeated() -> None:
    (problem,) = plain_secrets(outside(password="hunter2"))
    assert problem.path == "source.credentials.password"
    assert "pulumi config set --secret --path region-mirror:source.credentials.password" in str(problem)
    assert "hunter2" not in str(problem)


def test_one_that_pulumi_decrypted_is_accepted() -> None:
    assert paths(outside(password="hunter2"), "source.credentials.password") == []


def test_one_that_was_not_decrypted_at_all_is_accepted() -> None:
    assert paths(outside(password=ENCRYPTED)) == []


def test_an_encrypted_value_does_not_vouch_for_its_neighbours() -> None:
    given = outside(certificate=ENCRYPTED, key="-----BEGIN PRIVATE KEY-----", password=ENCRYPTED)
    assert paths(given) == ["source.credentials.key"]


def test_the_password_of_another_mirror_does_not_either() -> None:
    given: dict[str, Any] = outside(password=ENCRYPTED)
    given["mirrors"] = {
        "a-to-b": {"source": {"credentials": {"password": ENCRYPTED}}},
        "c-to-b": {"source": {"credentials": {"password": "hunter2"}}},
        "d-to-b": None,
    }
    assert paths(given) == ["mirrors.c-to-b.source.credentials.password"]


def test_certificates_are_public() -> None:
    assert paths(outside(ca="-----BEGIN CERTIFICATE-----", certificate="-----BEGIN CERTIFICATE-----")) == []


def exported(**files: object) -> dict[str, object]:
    source = {"alias": "east", "user": "mirror-source", "bootstrap_servers": "e:9093", "exported": files}
    return {**raw(users__copy=[]), "source": source}


def test_the_path_of_a_file_is_no_secret_and_its_content_is() -> None:
    assert paths(exported(cluster_ca=SECRET_FILE, user="files/user.yaml", kafka_users=["users.yaml"])) == []
    given = exported(cluster_ca="ca.yaml", user=SECRET_FILE, kafka_users=["u.yaml", '{"kind": "Secret"}'])
    assert paths(given) == ["source.exported.user", "source.exported.kafka_users[1]"]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"source": None},
        {"source": "east"},
        {"source": {"credentials": "x"}},
        {"source": {"credentials": {"password": None}}},
        {"source": {"exported": {"kafka_users": {"secure": "v1:x"}}}},
        {"mirrors": ["a"]},
        {"mirrors": {"a": "b"}},
    ],
)
def test_a_broken_file_is_for_others_to_report(broken: dict[str, object]) -> None:
    assert plain_secrets(broken) == []


def test_a_number_is_as_readable_as_a_text() -> None:
    assert paths(outside(password=123456)) == ["source.credentials.password"]


def test_every_secret_is_known_with_the_way_it_is_stored() -> None:
    given = outside(password="hunter2", key=ENCRYPTED)
    assert dict(secret_values(given)) == {
        "source.credentials.password": True,
        "source.credentials.key": False,
    }
