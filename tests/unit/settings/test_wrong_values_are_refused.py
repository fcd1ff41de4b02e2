"""Each rule of a single setting: what breaks it is refused with path, value, rule and a way out."""

from __future__ import annotations

import pytest

from settings.load import load
from settings.problems import SettingsError
from tests.unit.settings.sample import raw

WRONG = [
    ("source__alias", "us east", "letters, digits, dots"),
    ("source__alias", "", "letters, digits, dots"),
    ("source__alias", "x" * 101, "1 to 100"),
    ("source__cluster", "East", "Kubernetes resource"),
    ("source__namespace", "my.ns", "namespace"),
    ("source__namespace", "n" * 64, "namespace"),
    ("source__user", 'mirror"source', "without quotes"),
    ("source__user", "mirror_source", "KafkaUser"),
    ("source__kubeconfig", "  ", "empty"),
    ("source__listener", "Scram", "listener"),
    ("source__bootstrap_servers", "kafka", "host:port"),
    ("source__bootstrap_servers", "kafka:0", "host:port"),
    ("source__bootstrap_servers", "kafka:70000", "host:port"),
    ("source__bootstrap_servers", "a:1,,b:2", "host:port"),
    (
        "source__authentication",
        "kerberos",
        "one of scram-sha-512, scram-sha-256, plain, oauth, aws-msk-iam, tls, none",
    ),
    ("target__authentication", True, "one of scram-sha-512, tls"),
    ("mirror__name", "East-To-West", "lower-case"),
    ("mirror__name", "2-west", "begin with a letter"),
    ("mirror__name", "m" * 47, "at most 46"),
    ("mirror__topics", "orders", "must be a list"),
    ("mirror__topics", [], "must not be empty"),
    ("mirror__topics", {"a": 1}, "must be a list"),
    ("mirror__groups", [], "must not be empty"),
    ("mirror__replication_policy", "Identity", "one of identity, default"),
    ("mirror__replication_policy_separator", "->", "allowed in topic names"),
    ("mirror__replication_policy_separator", "", "allowed in topic names"),
    ("workers__replicas", 0, "from 1 to"),
    ("workers__replicas", True, "whole number"),
    ("workers__replicas", 2.5, "whole number"),
    ("workers__replicas", "2", "whole number"),
    ("mirror__tasks_max", 0, "from 1 to"),
    ("mirror__exactly_once", "yes", "true or false"),
    ("mirror__exactly_once", 1, "true or false"),
    ("mirror__offset_lag_max", -1, "from 0 to"),
    ("mirror__replication_factor", 0, "not 0"),
    ("mirror__replication_factor", -2, "from -1 to"),
    ("mirror__refresh_topics_interval_seconds", 0, "from 1 to"),
    ("mirror__emit_checkpoints_interval_seconds", "10", "whole number"),
    ("mirror__emit_checkpoints_interval_seconds", "5m", "whole number"),
    ("source__bootstrap_servers", ["a:9092", "b:9092"], "must be text"),
    ("mirror__state", "running ", "one of running"),
    ("users__copy", ["Orders"], "Kubernetes resource"),
    ("users__copy", "orders", "must be a list"),
    ("verification__enabled", "true", "true or false"),
    ("monitoring__enabled", "yes", "true or false"),
    ("monitoring__labels", {"not a key": "x"}, "key of a Kubernetes label"),
    ("monitoring__labels", {"release": "not a value"}, "value of a Kubernetes label"),
    ("monitoring__runbook_url", " ", "must not be empty"),
    ("verification__deadline_seconds", -1, "from 0 to"),
    ("verification__max_lag_seconds", 0, "from 1 to"),
]


@pytest.mark.parametrize(("setting", "value", "rule"), WRONG)
def test_one_wrong_value_is_one_problem(setting: str, value: object, rule: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(raw(**{setting: value}))
    (problem,) = refused.value.problems
    path = setting.replace("__", ".")
    assert problem.path.startswith(path)
    assert rule in problem.rule
    assert problem.remedy
    assert str(problem) in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("workers__replicas", "2", "Write 2"),
        ("mirror__topics", "orders", "Write ['orders']"),
        ("mirror__state", "runing", "Did you mean running?"),
        ("source__authentication", "scram_sha_512", "Did you mean scram-sha-512?"),
        ("source__user", 5, 'Write "5"'),
    ],
)
def test_the_remedy_is_what_to_write(setting: str, value: object, remedy: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(raw(**{setting: value}))
    assert refused.value.problems[0].remedy == remedy


def test_an_element_is_named_by_its_place() -> None:
    with pytest.raises(SettingsError) as refused:
        load(raw(users__copy=["orders-consumer", 7, "orders-consumer"]))
    assert [problem.path for problem in refused.value.problems] == ["users.copy[1]", "users.copy[2]"]
    assert "is a duplicate of [0]" in refused.value.problems[1].rule


def test_an_encrypted_setting_is_refused_without_repeating_a_plain_one() -> None:
    with pytest.raises(SettingsError) as refused:
        load(raw(source__user={"secure": "v1:abc"}))
    (problem,) = refused.value.problems
    assert "this setting is not secret" in problem.rule
    assert "v1:abc" not in str(problem)


def test_a_long_value_is_shown_short() -> None:
    with pytest.raises(SettingsError) as refused:
        load(raw(mirror__name="m" * 5000))
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize(
    ("setting", "value", "way_out"),
    [
        ("mirror__emit_checkpoints_interval_seconds", "5m", "without a unit. Interval in seconds"),
        ("mirror__emit_checkpoints_interval_seconds", "10", "Write 10"),
        ("source__bootstrap_servers", ["a:9092", "b:9092"], "Write one text, e.g. a:9092,b:9092"),
    ],
)
def test_the_way_out_says_what_to_write(setting: str, value: object, way_out: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(raw(**{setting: value}))
    assert way_out in str(error.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("mirror__topics", ["2024-01-01 00:00:00 +0000 UTC"]),
        ("mirror__start_from_by_topic", {"2024-01-01 00:00:00.5 +0100 +0100": "latest"}),
        ("mirror__name", "2024-01-01 00:00:00 +0000 UTC"),
    ],
)
def test_a_date_without_quotes_is_named(path: str, value: object) -> None:
    """`pulumi up` took the topic `2024-01-01` for a pattern that nothing matches, and mirrored no record."""
    with pytest.raises(SettingsError, match=r"date without quotes\. Put it in quotes in the stack file"):
        load(raw(**{path: value}))
