"""A misspelt or misplaced setting is met with the one that was meant."""

from __future__ import annotations

import pytest

from settings.load import load
from settings.problems import SettingsError
from tests.unit.settings.sample import raw


def remedy(**changes: object) -> str:
    with pytest.raises(SettingsError) as error:
        load(raw(**changes))
    (problem,) = error.value.problems
    return problem.remedy


@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("mirror__replicas", "workers.replicas"),
        ("mirror__tasksMax", "tasks_max"),
        ("mirror__exactly-once", "exactly_once"),
        ("mirror__topicsPattern", "mirror.topics"),
        ("mirror__bootstrap.servers", "source.bootstrap_servers"),
        ("mirror__sync.group.offsets.interval.seconds", "sync_group_offsets_interval_seconds"),
        ("mirror__selector", "users.selector"),
        ("mirror__replicass", "workers.replicas"),
        ("mirror__allow_dataloss", "allow_data_loss"),
        ("source__password", "source.credentials.password"),
        ("source__kafka_users", "source.exported.kafka_users"),
        ("target__replication.factor", "mirror.replication_factor"),
        ("workers__logging", "workers.loggers"),
    ],
)
def test_the_setting_that_was_meant(setting: str, meant: str) -> None:
    assert remedy(**{setting: "x"}) == f"Did you mean {meant}?"


def test_a_key_that_was_set_without_path() -> None:
    """`pulumi config set region-mirror:mirror.tasks_max 3` makes a section of this name."""
    with pytest.raises(SettingsError) as error:
        load({**raw(), "mirror.tasks_max": 3, "source.credentials.password": "hunter2"})
    first, second = error.value.problems
    assert "pulumi config set --path region-mirror:mirror.tasks_max`" in first.remedy
    assert "hunter2" not in str(second)


def test_a_section_that_is_encrypted_as_a_whole() -> None:
    """`pulumi config set --secret region-mirror:source` was "source.secure is not a known setting"."""
    with pytest.raises(SettingsError) as error:
        load({**raw(), "source": {"secure": "v1:x"}})
    (problem,) = error.value.problems
    assert (problem.path, problem.rule) == ("source", "is encrypted as a whole, so only Pulumi can read it")


def test_two_settings_of_that_name() -> None:
    assert remedy(mirror__alias="x") == "Did you mean source.alias or target.alias?"


@pytest.mark.parametrize("where", [{"source__pasword": "hunter2"}, {"source__sasl.jaas.config": "hunter2"}])
def test_what_looks_secret_is_not_repeated(where: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as error:
        load(raw(**where))
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    "credentials", ["hunter2", {"pass": "hunter2"}, {"public_ca": True, "cert": "hunter2"}]
)
def test_what_stands_among_secrets_is_not_repeated(credentials: object) -> None:
    with pytest.raises(SettingsError) as error:
        load(raw(source__credentials=credentials))
    assert "hunter2" not in str(error.value)
