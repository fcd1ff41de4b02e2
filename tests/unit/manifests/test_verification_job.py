"""The Job of a verification: nobody's secrets, no more rights than it needs, and the settings it can use."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest
import yaml

from manifests.in_cluster.pod_settings import in_cluster
from manifests.in_cluster.verification_job import RUN_VARIABLE, verification_job
from mirror import exit_codes
from settings.load import load
from settings.model import Settings
from settings.model.verification import NOT_OF_THE_CHECKS, VerificationSettings
from settings.names import CRON_JOB_NAME_MAX, Names
from settings.rules.kubernetes import MIRROR_NAME_MAX
from settings.stack_file import parse_stack_file
from tests.program.examples import EXAMPLES, stack
from tests.program.sample import SECRETS, estate
from tests.unit.settings.sample import settings


def job(**changes: Any) -> Settings:
    """Settings of a mirror that is verified in a Job."""
    given = {"verification__runner": "job", "verification__image": "r.example.com/region-mirror:1"}
    return settings(**(given | changes))


def manifests(given: Settings) -> dict[str, dict[str, Any]]:
    """By kind; a ConfigMap by its name."""
    return {
        one["metadata"]["name"] if one["kind"] == "ConfigMap" else one["kind"]: one
        for one in verification_job(given, estate(given))
    }


def pod(given: Settings) -> dict[str, Any]:
    """The pod's spec."""
    spec: dict[str, Any] = manifests(given)["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize(
    "changes",
    [
        {"verification__runner": "local", "verification__image": None},
        {"verification__enabled": False},
        {"mirror__state": "paused"},
    ],
)
def test_nothing_is_declared_where_nothing_is_verified_there(changes: dict[str, Any]) -> None:
    assert manifests(job(**changes)) == {}


def test_it_keeps_the_restricted_pod_security_standard() -> None:
    spec = pod(job())
    (container,) = spec["containers"]
    assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert spec["automountServiceAccountToken"] is False
    assert not {"hostPath", "secret"} & {key for volume in spec["volumes"] for key in volume}


def test_a_pod_that_found_something_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layers keep the manifests from importing the exit codes."""
    spec = manifests(job())["CronJob"]["spec"]["jobTemplate"]["spec"]
    first, _ = spec["podFailurePolicy"]["rules"]
    (variable,) = [
        one for one in pod(job())["containers"][0]["env"] if one["name"] == exit_codes.FOUND_VARIABLE
    ]
    monkeypatch.setenv(variable["name"], variable["value"])
    assert (first["action"], first["onExitCodes"]["values"]) == ("FailJob", [exit_codes.code_of(False)])
    assert exit_codes.code_of(True) == 0


def test_a_pod_whose_python_could_not_start_the_program_is_no_finding() -> None:
    """Python ends with 1 after an import that failed, and with 2 for a file that it cannot open."""
    policy = manifests(job())["CronJob"]["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]
    broken = subprocess.run((sys.executable, "-m", "no.such.module"), capture_output=True, check=False)
    assert broken.returncode == 1
    assert not {1, 2} & set(policy["rules"][0]["onExitCodes"]["values"])


@pytest.mark.parametrize("value", ["", "0", "x", "-3", "126", "1000"])
def test_a_code_that_says_something_else_is_not_taken(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(exit_codes.FOUND_VARIABLE, value)
    assert exit_codes.code_of(False) == exit_codes.FOUND == 1


def test_no_secret_is_mounted_named_or_told() -> None:
    given = job(
        source__credentials={"password": "s3cret-of-mirror-source", "public_ca": True},
        source__bootstrap_servers="kafka.example.com:9094",
        users__copy=[],
        **{f"source__{key}": None for key in ("cluster", "namespace", "kubeconfig", "listener")},
    )
    text = yaml.safe_dump(list(verification_job(given, estate(given))))
    assert "secretKeyRef" not in text
    assert not [secret for secret in SECRETS if secret in text]


def test_the_pod_reads_the_same_settings_by_its_own_account() -> None:
    given = job(target__context="admin@west")
    text = manifests(given)["east-to-west-verification-settings"]["data"]["Pulumi.mirror.yaml"]
    read = load(parse_stack_file(text))
    assert (read.target.kubeconfig, read.target.context) == (None, None)
    assert (read.source.kubeconfig, read.source.context) == (None, "source")
    assert replace(read.source, kubeconfig=given.source.kubeconfig, context=None) == given.source
    assert (read.mirror, read.users, read.workers) == (given.mirror, given.users, given.workers)


CHANGED: dict[str, Any] = {
    "deadline_seconds": 77,
    "max_lag_seconds": 78,
    "window_records": 79,
    "window_partitions": 80,
    "certificate_margin_days": 81,
}
"""Every setting of the checks with another value than its own."""


def test_every_setting_of_the_checks_reaches_the_pod() -> None:
    of_the_checks = {one.name for one in fields(VerificationSettings)} - {"enabled", *NOT_OF_THE_CHECKS}
    assert set(CHANGED) == of_the_checks, "a new setting is the checks', or in NOT_OF_THE_CHECKS: which?"
    given = job(**{f"verification__{name}": value for name, value in CHANGED.items()})
    assert load(in_cluster(given)).verification == VerificationSettings(**CHANGED)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_pod_can_load_what_any_stack_gives_it(example: str) -> None:
    for given in stack(example):
        read = load(in_cluster(given))
        assert Names.of(read) == Names.of(given)
        assert read.users == given.users


def test_two_clusters_of_one_name_stay_two() -> None:
    given = job(
        source__cluster="kafka",
        target__cluster="kafka",
        source__kubeconfig=None,
        target__kubeconfig=None,
        target__context="west",
    )
    assert load(in_cluster(given)).target.context is None


def test_a_pod_waits_as_long_as_the_up_does_and_kubernetes_a_little_longer() -> None:
    spec = manifests(job(verification__deadline_seconds=600))["CronJob"]["spec"]["jobTemplate"]["spec"]
    assert spec["activeDeadlineSeconds"] == 900
    assert "--wait=600" in spec["template"]["spec"]["containers"][0]["args"]


def test_without_a_schedule_its_cron_job_is_only_a_template() -> None:
    assert manifests(job())["CronJob"]["spec"]["suspend"] is True
    scheduled = manifests(job(verification__schedule="*/5 * * * *"))["CronJob"]["spec"]
    assert (scheduled["suspend"], scheduled["schedule"], scheduled["timeZone"]) == (
        False,
        "*/5 * * * *",
        "Etc/UTC",
    )


def test_a_report_can_be_told_from_another_jobs() -> None:
    (container,) = pod(job())["containers"]
    (variable,) = [one for one in container["env"] if one["name"] == RUN_VARIABLE]
    assert variable["name"] == RUN_VARIABLE
    assert "job-name" in variable["valueFrom"]["fieldRef"]["fieldPath"]


def test_the_settings_of_the_job_reach_it() -> None:
    given = job(
        verification__resources={"requests": {"cpu": "100m"}},
        verification__image_pull_secrets=["registry"],
        verification__service_account_annotations={"team": "platform"},
    )
    assert pod(given)["containers"][0]["resources"] == {"requests": {"cpu": "100m"}}
    assert pod(given)["imagePullSecrets"] == [{"name": "registry"}]
    assert manifests(given)["ServiceAccount"]["metadata"]["annotations"]["team"] == "platform"


@pytest.mark.parametrize("length", [1, 30, 38, 39, 40, MIRROR_NAME_MAX])
def test_every_mirror_has_a_cron_job_that_kubernetes_accepts(length: int) -> None:
    one, other = (Names.of(job(mirror__name="a" * (length - 1) + end)) for end in "bc")
    assert len(one.verification_cron_job) <= CRON_JOB_NAME_MAX
    assert one.verification_cron_job != other.verification_cron_job
