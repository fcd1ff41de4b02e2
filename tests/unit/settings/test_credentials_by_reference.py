"""Credentials in a Secret of the target: the reference is the only place, and says which CA is trusted."""

from __future__ import annotations

from typing import Any

import pytest

from settings.load import load
from tests.unit.settings.sources import REFERENCE, SECRET, referred, refused, sections


@pytest.mark.parametrize("authentication", ["scram-sha-512", "scram-sha-256", "plain", "tls"])
def test_a_reference_is_enough(authentication: str) -> None:
    assert load(sections(referred(authentication))).source.secret_ref is not None


@pytest.mark.parametrize("key", ["password", "certificate", "key", "ca"])
def test_a_reference_is_the_only_place(key: str) -> None:
    other: dict[str, Any] = {key: SECRET}
    problems = refused(sections(referred(**other)))
    assert problems[f"source.credentials.{key}"].startswith("cannot be used together with")


def test_a_reference_says_which_ca_is_trusted() -> None:
    alone: dict[str, Any] = {"secret_ref": {"name": "east-login"}}
    problems = refused(sections(referred(**alone)))
    assert "secret_ref.ca_secret" in problems["source.credentials.ca"]
    trust: dict[str, Any] = {"secret_ref": {"name": "east-login"}, "public_ca": True}
    assert load(sections(referred(**trust)))


def test_a_pattern_without_a_secret_has_no_effect() -> None:
    trust: dict[str, Any] = {"secret_ref": {"name": "x", "ca_pattern": "a"}, "public_ca": True}
    assert list(refused(sections(referred(**trust)))) == ["source.credentials.secret_ref.ca_pattern"]


@pytest.mark.parametrize("name", ["east-to-west", "east-to-west-verifier"])
def test_a_reference_is_not_to_the_mirrors_own_user(name: str) -> None:
    problems = refused(sections(referred(secret_ref={"name": name, "ca_secret": "east-ca"})))
    assert list(problems) == ["source.credentials.secret_ref.name"]


@pytest.mark.parametrize("key", ["a b", "../x", ""])
def test_a_key_is_one_that_a_secret_may_have(key: str) -> None:
    problems = refused(sections(referred(secret_ref={**REFERENCE, "password_key": key})))
    assert list(problems) == ["source.credentials.secret_ref.password_key"]


@pytest.mark.parametrize(
    ("authentication", "key"),
    [("tls", "password_key"), ("scram-sha-512", "certificate_key"), ("plain", "private_key_key")],
)
def test_a_key_that_the_login_does_not_read_has_no_effect(authentication: str, key: str) -> None:
    problems = refused(sections(referred(authentication, secret_ref={**REFERENCE, key: "other"})))
    path = f"source.credentials.secret_ref.{key}"
    assert list(problems) == [path]
    assert problems[path].startswith(f"has no effect with source.authentication {authentication}")
