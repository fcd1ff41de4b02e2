"""A source with an AWS identity: the region, an image with Amazon's library, and no credential."""

from __future__ import annotations

from typing import Any

import pytest

from settings.load import load
from settings.names import Names, source_secrets
from tests.unit.settings.sources import SECRET, refused, sections

IMAGE = {"workers__image": "registry.example.com/kafka-with-msk-iam:4.3.1"}
ROLE = "arn:aws:iam::123456789012:role/mirror"


def iam(identity: dict[str, Any] | None = None, **source: Any) -> dict[str, Any]:
    return {
        "authentication": "aws-msk-iam",
        "msk_iam": {"region": "eu-west-1", **(identity or {})},
        "credentials": {"public_ca": True},
        **source,
    }


def test_a_region_and_an_image_are_enough() -> None:
    found = load(sections(iam(), **IMAGE))
    assert found.source.logs_in
    assert not found.source.has_credential
    assert Names.of(found).source_user_secret not in source_secrets(found)


def test_a_role_of_another_account_may_be_assumed() -> None:
    found = load(sections(iam({"role_arn": ROLE}), **IMAGE)).source
    assert found.msk_iam is not None
    assert found.msk_iam.role_arn == ROLE


@pytest.mark.parametrize(
    ("source", "changes", "path", "says"),
    [
        (iam(), {}, "workers.image", "aws-msk-iam-auth"),
        (iam(msk_iam=None), IMAGE, "source.msk_iam", "Set region in it"),
        (iam({"region": "Ireland"}), IMAGE, "source.msk_iam.region", "eu-west-1"),
        (iam({"role_arn": 'x" evil="'}), IMAGE, "source.msk_iam.role_arn", "arn:aws:iam::"),
        (iam(encryption="none", credentials=None), IMAGE, "source.encryption", "the signature itself"),
        (
            iam(credentials={"public_ca": True, "password": SECRET}),
            IMAGE,
            "source.credentials.password",
            "has no effect with source.authentication aws-msk-iam",
        ),
        (
            iam(credentials={"secret_ref": {"name": "a"}, "public_ca": True}),
            IMAGE,
            "source.credentials.secret_ref",
            "has no effect with source.authentication aws-msk-iam",
        ),
        (
            iam(),
            {**IMAGE, "mirror__heartbeats_interval_seconds": 5},
            "mirror.heartbeats_interval_seconds",
            "no AWS identity",
        ),
        (
            iam(authentication="plain", credentials={"public_ca": True, "password": SECRET}),
            {},
            "source.msk_iam",
            "has no effect with source.authentication plain",
        ),
    ],
)
def test_each_bad_combination_has_one_message(
    source: dict[str, Any], changes: dict[str, Any], path: str, says: str
) -> None:
    problems = refused(sections(source, **changes))
    assert path in problems
    assert says in problems[path]
    if source.get("credentials") is not None:
        assert list(problems) == [path]
