"""A source without TLS or a login breaks a rule, also where its stack file says so: a waiver has a date."""

from __future__ import annotations

from typing import Any

import pytest

from policy.report import PolicyReport
from policy.stack_documents import stack_documents
from tests.unit.manifests.test_open_sources import NOBODY, OPEN, SCRAM, settings
from tests.unit.policy.made_up import ids, report

WAIVER = """
waivers:
  - {rule: trust-explicit, subject: prod-west, reason: "the source has TLS in May", expires: 2026-12-31}
"""


def judged(login: dict[str, Any], policy: str = "") -> PolicyReport:
    return report(*stack_documents(settings(login), "prod-west"), policy=policy)


@pytest.mark.parametrize(
    ("login", "rules"),
    [
        ({**OPEN, **SCRAM}, ["trust-explicit"]),
        ({**OPEN, **NOBODY}, ["trust-explicit", "login-required"]),
        ({**NOBODY, "credentials": {"public_ca": True}}, ["login-required"]),
        ({**SCRAM, "credentials": {"password": {"secure": "v1:abc"}, "public_ca": True}}, []),
    ],
)
def test_each_is_an_error(login: dict[str, Any], rules: list[str]) -> None:
    found = judged(login)
    assert [one for one in ids(found) if one in ("trust-explicit", "login-required")] == rules
    assert all(one.rule.severity == "error" for one in found.findings if one.rule.id in rules)


def test_the_way_out_names_the_setting_and_a_waiver() -> None:
    (found,) = [one for one in judged({**OPEN, **SCRAM}).findings if one.rule.id == "trust-explicit"]
    assert "records and logins cross the network unencrypted" in found.message
    assert "source.encryption: none" in found.remedy
    assert "waiver" in found.remedy


def test_a_waiver_accepts_it_until_its_date() -> None:
    assert "trust-explicit" not in ids(judged({**OPEN, **SCRAM}, WAIVER))
