"""A password that anybody can read in the stack file is refused, whatever else is sound."""

from __future__ import annotations

import pytest
from jsonschema import Draft7Validator

from settings.load import load_stack
from settings.plain_secrets import plain_in_file, plain_secrets
from settings.schema import schema
from tests.unit.settings.sample import raw


def outside(**credentials: object) -> dict[str, object]:
    source = {
        "alias": "msk",
        "user": "mirror-source",
        "bootstrap_servers": "b-1.example.com:9096",
        "credentials": {"public_ca": True, **credentials},
    }
    return {**raw(users__copy=[]), "source": source}


def test_a_plain_password_is_refused_and_not_repeated() -> None:
    (problem,) = plain_secrets(load_stack(outside(password="hunter2")), lambda _: False)
    assert problem.path == "source.credentials.password"
    assert "pulumi config set --secret --path region-mirror:source.credentials.password" in str(problem)
    assert "hunter2" not in str(problem)


def test_one_that_pulumi_decrypted_is_accepted() -> None:
    stack = load_stack(outside(password="hunter2"))
    assert plain_secrets(stack, lambda section: section == "source") == []


def test_one_that_was_not_decrypted_at_all_is_accepted() -> None:
    assert plain_secrets(load_stack(outside(password={"secure": "v1:x"})), lambda _: False) == []


def test_a_stack_file_that_is_read_without_pulumi_holds_no_plain_one() -> None:
    (problem,) = plain_in_file(load_stack(outside(password="hunter2")))
    assert "is stored in plain text" in str(problem)
    assert "hunter2" not in str(problem)
    assert plain_in_file(load_stack(outside(password={"secure": "v1:x"}))) == []


@pytest.mark.parametrize(
    ("credentials", "accepted"),
    [
        ({"password": "hunter2"}, False),
        ({"key": "a private key"}, False),
        ({"password": {"secure": "v1:x"}}, True),
        ({"password": {"secure": "v1:x"}, "ca": "a certificate"}, True),
    ],
)
def test_an_editor_marks_a_plain_one(credentials: dict[str, object], accepted: bool) -> None:
    document = {"config": {f"region-mirror:{name}": one for name, one in outside(**credentials).items()}}
    assert Draft7Validator(schema()).is_valid(document) is accepted
