"""No way to print a plan shows a password, a key, or a property that may be one."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from mirror.plan.differences import HIDDEN, shown_value
from mirror.plan.planned import Plan
from mirror.plan.render import markdown, outputs, render, summary_lines
from tests.program.sample import SECRETS, estate
from tests.unit.plan.made_up import deployed, plan
from tests.unit.settings.sample import settings


def everything(found: Plan) -> str:
    page = io.StringIO()
    render(found, Console(file=page, width=200))
    texts = [markdown(found), page.getvalue(), json.dumps(found.to_json()), repr(found)]
    return "\n".join([*texts, *summary_lines(found), json.dumps(outputs(found))])


def test_no_secret_of_the_first_deployment() -> None:
    text = everything(plan(settings()))
    assert "orders-consumer" in text, "the plan is there"
    assert not [secret for secret in SECRETS if secret in text]


def test_no_secret_of_a_rotation_old_or_new() -> None:
    given = settings()
    users = tuple(
        type(one)(one.name, one.spec, f"n3w-of-{one.name}") for one in estate(given).source.kafka_users
    )
    here = estate(given, user_secret={"password": "n3w-of-source"}, kafka_users=users)
    found = plan(given, given, here=here)
    assert len(found.credentials) == 3
    text = everything(found)
    assert "n3w" not in text
    assert not [secret for secret in SECRETS if secret in text]


def test_what_was_read_is_in_no_repr() -> None:
    assert not [secret for secret in SECRETS if secret in repr(deployed(settings()))]


@pytest.mark.parametrize(
    "key",
    [
        "sasl.jaas.config",
        "ssl.keystore.key",
        "ssl.key.password",
        "config.providers.vault.param.token",
        "basic.auth.user.info.secret",
    ],
)
def test_properties_that_may_be_secret_are_hidden(key: str) -> None:
    assert shown_value(key, "s3cret") == HIDDEN
    config = {"source_connector": {f"source.consumer.{key}": "s3cret"}}
    found = plan(settings(), settings())
    assert not found.changes
    # `load` refuses what looks secret there; the plan does not rely on it.
    sound = settings()
    overrides = replace(sound.mirror.config, **config)
    raw = plan(replace(sound, mirror=replace(sound.mirror, config=overrides)), sound)
    assert "s3cret" not in everything(raw)


def test_names_of_secrets_are_no_secrets() -> None:
    assert shown_value("authentication.passwordSecret.secretName", "east-user") == "east-user"


@pytest.mark.parametrize(
    "workers",
    [
        {"jvm_options": {"javaSystemProperties": [{"name": "x.trustStorePassword", "value": "s3cret"}]}},
        {"template": {"connectContainer": {"env": [{"name": "DB_PASSWORD", "value": "s3cret"}]}}},
        {"template": {"connectContainer": {"env": [{"name": "URL", "value": "https://me:s3cret@vault"}]}}},
        {"template": {"connectContainer": {"env": [{"name": "JAAS", "value": 'x clientSecret="s3cret";'}]}}},
    ],
)
def test_secrets_among_the_fields_of_the_pods_are_hidden(workers: dict[str, Any]) -> None:
    """A list is one value of a plan: its keys are not those of a property."""
    sound = settings()
    text = everything(plan(replace(sound, workers=replace(sound.workers, **workers)), sound))
    assert HIDDEN in text
    assert "s3cret" not in text


def test_a_text_of_json_is_judged_by_its_parts() -> None:
    """So an import shows fields that have no setting."""
    assert shown_value("env", '[{"name": "A_PASSWORD", "value": "s3cret"}]') == HIDDEN
    assert (
        shown_value("env", '[{"name": "A_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "a"}}}]') != HIDDEN
    )
    assert shown_value("env", "[a-z]+") == "[a-z]+"
    assert shown_value("x.url", "https://user:${strimzisecrets:kafka/one:key}@host") != HIDDEN
    assert shown_value("bootstrap.servers", "east:9093,west:9093") == "east:9093,west:9093"
