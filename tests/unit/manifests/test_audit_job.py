"""The audit's Indexed Job: a slice a pod, with the account of the verification and a folder to write to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from manifests.in_cluster.audit_job import audit_job
from manifests.in_cluster.verification_job import verification_job
from mirror.cli import MODULE, build
from mirror.commands import audit_slices, stack_files
from mirror.problems import CouldNotRun
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.settings.sample import settings

IMAGE = "r.example.com/region-mirror:1"
JOB = {"verification__runner": "job", "verification__image": IMAGE, "verification__deadline_seconds": 60}
GIVEN = settings(**JOB)


def pod(job: dict[str, Any]) -> dict[str, Any]:
    """The pod's spec."""
    spec: dict[str, Any] = job["spec"]["template"]["spec"]
    return spec


def test_each_pod_audits_the_slice_of_its_index() -> None:
    spec = audit_job(GIVEN, 64, at_once=16)["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 64, 16)
    (container,) = spec["template"]["spec"]["containers"]
    assert "--partition-slice=/64" in container["args"]
    assert audit_job(GIVEN, 4, at_once=16)["spec"]["parallelism"] == 4
    assert audit_job(GIVEN, 4)["spec"]["parallelism"] == 4


def test_what_differs_fails_its_slice_and_no_other() -> None:
    spec = audit_job(GIVEN, 4)["spec"]
    rule = spec["podFailurePolicy"]["rules"][0]
    assert (rule["action"], rule["onExitCodes"]["values"]) == ("FailIndex", [10])
    assert {"name": "REGION_MIRROR_EXIT_CODE_FOUND", "value": "10"} in pod(audit_job(GIVEN, 4))["containers"][
        0
    ]["env"]
    assert rule["onExitCodes"]["containerName"] == pod(audit_job(GIVEN, 4))["containers"][0]["name"]
    assert pod(audit_job(GIVEN, 4))["restartPolicy"] == "Never", "the policy asks for it"
    assert spec["backoffLimitPerIndex"] > 0


def test_it_is_who_verifies_and_may_write_to_its_scratch_alone() -> None:
    spec = pod(audit_job(GIVEN, 4))
    (account,) = [one for one in verification_job(GIVEN, estate(GIVEN)) if one["kind"] == "ServiceAccount"]
    assert spec["serviceAccountName"] == account["metadata"]["name"]
    (container,) = spec["containers"]
    assert container["image"] == IMAGE
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    (cache,) = [one["value"] for one in container["env"] if one["name"] == "XDG_CACHE_HOME"]
    (scratch,) = [one["name"] for one in container["volumeMounts"] if one["mountPath"] == cache]
    assert {"name": scratch, "emptyDir": {}} in spec["volumes"]


def printed(given: Settings, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    """What the command says."""
    monkeypatch.setattr(audit_slices, "choose", lambda *_: stack_files.Chosen((given,), Path()))
    return CliRunner().invoke(build(MODULE), ["audit", "job", *options])


def test_it_is_printed_for_kubectl(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = printed(GIVEN, monkeypatch, "--slices", "3", "--topic", "orders", "--sample", "0.1", "--lanes", "2")
    assert ran.exit_code == 0, ran.output
    options = ["--lanes=2", "--topic=orders", "--sample=0.1"]
    assert yaml.safe_load(ran.stdout) == audit_job(GIVEN, 3, options=options)


@pytest.mark.parametrize("given", [settings(), settings(mirror__state="paused", **JOB)])
def test_without_an_account_there_is_none(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = printed(given, monkeypatch, "--slices", "3")
    assert isinstance(ran.exception, CouldNotRun)
    assert "verification.runner: job" in str(ran.exception)
