"""Verification in the target's Kubernetes: the template of its Jobs, their settings and report.

The template of a Job cannot be changed, and a failed Job never runs again, but a verification must be
repeatable. So a CronJob, suspended unless there is a schedule, contains the template. Each verification
creates a Job from it, as `kubectl create job --from=cronjob/...` does (`mirror.verify.job`).
"""

from __future__ import annotations

from typing import Any

from manifests.estate import Estate
from manifests.in_cluster.account import account
from manifests.in_cluster.job import FOUND_ENVIRONMENT, KEPT_SECONDS, NAME_LABEL, failure_policy
from manifests.in_cluster.pod import Identity, pod
from manifests.in_cluster.pod_settings import SETTINGS_PATH, config_map_data
from manifests.metadata import Manifest, metadata
from settings.model import Settings
from settings.names import Names

LABELS = {"app.kubernetes.io/name": "region-mirror", "app.kubernetes.io/component": "verification"}
CONTAINER = "verify"
RUN_VARIABLE = "REGION_MIRROR_RUN"
"""Environment variable with the Job's name. A report contains it, to distinguish the reports of Jobs."""

_START_SECONDS = 300
"""Additional time for scheduling, for pulling the image and for starting."""
_NEVER = "0 0 1 1 *"
"""A CronJob must have a schedule, even if it is suspended."""
_RETRIES = 2


def verification_job(settings: Settings, estate: Estate) -> tuple[Manifest, ...]:
    """Render all objects in the order of their creation; nothing if no Job verifies this mirror."""
    if not verified_by_job(settings):
        return ()
    names = Names.of(settings)
    return (
        *account(settings, estate, names.verification, LABELS, writes=(names.verification, names.last_look)),
        _settings_config_map(settings),
        _report_config_map(settings),
        _cron_job(settings),
    )


def verified_by_job(settings: Settings) -> bool:
    """Tell whether the account, the settings and the template of a Job are declared."""
    verification = settings.verification
    return (
        verification.runner == "job" and verification.enabled and settings.mirror.connector_state == "running"
    )


def identity(settings: Settings) -> Identity:
    """The identity of the Job's pod; the pods of an audit have the same one."""
    names = Names.of(settings)
    return Identity(names.verification, names.verification_settings)


def deadline_seconds(settings: Settings) -> int:
    """The seconds after which Kubernetes stops a running Job."""
    return settings.verification.deadline_seconds + _START_SECONDS


def _metadata(settings: Settings, name: str) -> dict[str, Any]:
    return metadata(settings, name, labels=LABELS)


def _settings_config_map(settings: Settings) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(settings, Names.of(settings).verification_settings),
        "data": config_map_data(settings),
    }


def _report_config_map(settings: Settings) -> Manifest:
    """Without content, which the pod writes. The stack creates the ConfigMap, because RBAC cannot limit the
    permission to create to one name.
    """
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(settings, Names.of(settings).verification),
    }


def _cron_job(settings: Settings) -> Manifest:
    schedule = settings.verification.schedule
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": _metadata(settings, Names.of(settings).verification_cron_job),
        "spec": {
            "schedule": schedule or _NEVER,
            "timeZone": "Etc/UTC",
            "suspend": schedule is None,
            "concurrencyPolicy": "Forbid",
            "successfulJobsHistoryLimit": 2,
            "failedJobsHistoryLimit": 2,
            "jobTemplate": {"metadata": {"labels": LABELS}, "spec": _job(settings)},
        },
    }


def _job(settings: Settings) -> dict[str, Any]:
    return {
        "activeDeadlineSeconds": deadline_seconds(settings),
        "backoffLimit": _RETRIES,
        "ttlSecondsAfterFinished": KEPT_SECONDS,
        # The verification itself has already waited until its deadline.
        "podFailurePolicy": failure_policy("FailJob", CONTAINER),
        "template": {"metadata": {"labels": LABELS}, "spec": _pod(settings)},
    }


def _pod(settings: Settings) -> dict[str, Any]:
    wait = str(settings.verification.deadline_seconds)
    job_name = {"fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.labels['{NAME_LABEL}']"}}
    resources = settings.verification.resources
    return pod(
        settings,
        identity(settings),
        {
            "name": CONTAINER,
            "command": ["python", "-m", "mirror", "verify"],
            "args": [
                f"--config-file={SETTINGS_PATH}",
                f"--wait={wait}",
                f"--result-config-map={Names.of(settings).verification}",
            ],
            "env": [{"name": RUN_VARIABLE, "valueFrom": job_name}, FOUND_ENVIRONMENT],
            **({"resources": dict(resources)} if resources else {}),
            # The end of the log becomes part of the pod's status, which `pulumi up` prints.
            "terminationMessagePolicy": "FallbackToLogsOnError",
        },
        token_seconds=deadline_seconds(settings),
    )
