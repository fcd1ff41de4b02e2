"""Verification in the target's Kubernetes: the template of its Jobs, their settings and report.

A Job's template cannot be changed, and a Job that has failed never runs again: neither suits a verification
that has to be repeated. So the template stands in a CronJob, suspended unless there is a schedule, and each
verification makes a Job of it, as `kubectl create job --from=cronjob/...` does (`mirror.verify.job`).
"""

from __future__ import annotations

from typing import Any

from manifests.estate import Estate
from manifests.in_cluster.account import account
from manifests.in_cluster.job import KEPT_SECONDS, NAME_LABEL, failure_policy
from manifests.in_cluster.pod import Identity, pod
from manifests.in_cluster.pod_settings import SETTINGS_PATH, config_map_data
from manifests.metadata import Manifest, metadata
from settings.model import Settings
from settings.names import Names

LABELS = {"app.kubernetes.io/name": "region-mirror", "app.kubernetes.io/component": "verification"}
CONTAINER = "verify"
RUN_VARIABLE = "REGION_MIRROR_RUN"
"""Environment variable with the Job's name, which a report carries so that it is not taken for another's."""

_START_SECONDS = 300
"""Beside the verification itself: to find a node, pull the image and start."""
_NEVER = "0 0 1 1 *"
"""A CronJob has to have a schedule, even a suspended one."""
_RETRIES = 2


def verification_job(settings: Settings, estate: Estate) -> tuple[Manifest, ...]:
    """Render everything, in the order in which it is made; nothing where nothing is verified there."""
    if not verified_by_job(settings):
        return ()
    report = Names.of(settings).verification
    return (
        *account(settings, estate, report, LABELS, writes=report),
        _settings_config_map(settings),
        _report_config_map(settings),
        _cron_job(settings),
    )


def verified_by_job(settings: Settings) -> bool:
    """Whether the account, the settings and the template of a Job are there."""
    verification = settings.verification
    return verification.runner == "job" and verification.enabled and settings.mirror.state == "running"


def identity(settings: Settings) -> Identity:
    """As whom the Job's pod runs; the audit's do, too."""
    names = Names.of(settings)
    return Identity(names.verification, names.verification_settings)


def deadline_seconds(settings: Settings) -> int:
    """After so long Kubernetes ends a Job that still runs."""
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
    """Without content: that is the pod's. Made here, since a right to create cannot be held to one name."""
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
        # The verification has waited itself for a proven mirror.
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
            "env": [{"name": RUN_VARIABLE, "valueFrom": job_name}],
            **({"resources": dict(resources)} if resources else {}),
            # The end of its log becomes part of the pod's status, and so of what `pulumi up` says.
            "terminationMessagePolicy": "FallbackToLogsOnError",
        },
        token_seconds=deadline_seconds(settings),
    )
