"""Pods need an image; what is theirs has no effect without any."""

from __future__ import annotations

from typing import Any

import pytest

from settings.problems import SettingsError
from tests.unit.settings.sample import settings


def test_the_checks_run_here_unless_told_otherwise() -> None:
    assert settings().verification.runner == "local"


def test_a_job_without_an_image_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"verification\.image: is missing: verification\.runner is job"):
        settings(verification__runner="job")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("image", "registry.example.com/region-mirror:1"),
        ("schedule", "0 * * * *"),
        ("resources", {"requests": {"cpu": "1"}}),
        ("image_pull_secrets", ["registry"]),
        ("service_account_annotations", {"team": "platform"}),
    ],
)
def test_what_would_be_ignored_is_refused(key: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=rf"verification\.{key}.*has no effect"):
        settings(**{f"verification__{key}": value})


def test_certificates_that_only_the_source_can_judge_are_no_jobs() -> None:
    given = {"verification__runner": "job", "verification__image": "r.example.com/region-mirror:1"}
    with pytest.raises(SettingsError, match=r"users\.tls = .*cannot be verified by a pod"):
        settings(users__tls="keep-certificate", **given)
    assert settings(users__tls="keep-certificate", users__copy=[], **given).verification.runner == "job"


EXPORTER = {"monitoring__enabled": True, "monitoring__exporter": True}
IMAGE = {"verification__image": "r.example.com/region-mirror:1"}


def test_an_exporter_needs_an_image_too_and_one_is_enough_for_both() -> None:
    with pytest.raises(SettingsError, match=r"verification\.image: is missing: monitoring\.exporter is true"):
        settings(**EXPORTER)
    both = r"^1 problem .*\n.*runner is job and monitoring\.exporter is true"
    with pytest.raises(SettingsError, match=both):
        settings(verification__runner="job", **EXPORTER)
    given = settings(**EXPORTER, **IMAGE, verification__image_pull_secrets=["registry"])
    assert given.verification.runner == "local"


def test_an_exporter_has_no_schedule() -> None:
    with pytest.raises(SettingsError, match=r"verification\.schedule.*runner is local"):
        settings(**EXPORTER, **IMAGE, verification__schedule="0 * * * *")


def test_an_exporter_that_nobody_watches_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"monitoring\.exporter = True: has no effect"):
        settings(monitoring__exporter=True, **IMAGE)


def test_a_service_monitor_without_monitoring_is_refused() -> None:
    """None was declared, and nothing said so."""
    with pytest.raises(SettingsError, match=r"monitoring\.service_monitor = True: has no effect while"):
        settings(monitoring__service_monitor=True)


def test_an_exporter_that_would_fail_for_ever_is_refused() -> None:
    logs_in = {"monitoring__exporter_copied_users": True}
    with pytest.raises(SettingsError, match=r"users\.tls = .*and monitoring\.exporter_copied_users is true"):
        settings(users__tls="keep-certificate", **EXPORTER, **IMAGE, **logs_in)


def test_an_exporter_without_users_work_does_not_need_the_sources_clients_ca() -> None:
    given = settings(users__tls="keep-certificate", **EXPORTER, **IMAGE)
    assert not given.monitoring.exporter_copied_users


@pytest.mark.parametrize(
    ("key", "value"), [("exporter_copied_users", True), ("scrape_namespaces", ["monitoring"])]
)
def test_a_limit_of_an_exporter_that_does_not_run_is_refused(key: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=rf"monitoring\.{key}.*has no effect while monitoring\.exporter"):
        settings(monitoring__enabled=True, **{f"monitoring__{key}": value})


def test_a_namespace_that_cannot_exist_is_refused() -> None:
    with pytest.raises(
        SettingsError, match=r"scrape_namespaces\[0\].*must be the name of a Kubernetes namesp"
    ):
        settings(**EXPORTER, **IMAGE, monitoring__scrape_namespaces=["openshift.monitoring"])


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("runner", "cluster", "must be one of local, job"),
        ("image", "an image", "must be the name of a container image"),
        ("schedule", "hourly", "must be five fields"),
        ("resources", {"limit": {}}, "is not a known setting"),
        ("image_pull_secrets", ["Not_A_Name"], "must be the name of a Kubernetes resource"),
        ("service_account_annotations", {"a/b/c": "x"}, "must be the key"),
    ],
)
def test_broken_values_name_their_rule(key: str, value: Any, rule: str) -> None:
    given = {"verification__runner": "job", "verification__image": "r.example.com/region-mirror:1"}
    with pytest.raises(SettingsError, match=rule):
        settings(**(given | {f"verification__{key}": value}))


def test_always_needs_a_verification() -> None:
    with pytest.raises(SettingsError, match=r"has no effect while verification\.enabled is false"):
        settings(verification__always=True, verification__enabled=False)
    assert settings(verification__always=True).verification.always
