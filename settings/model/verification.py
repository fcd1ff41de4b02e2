"""Section `verification`: the limits of the checks, and where they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from settings import cron
from settings.model.fields import meta
from settings.rules import kubernetes

Runner = Literal["local", "job"]
OF_THE_JOB = ("schedule", "resources")
"""The settings of the Job."""
OF_EVERY_POD = ("image", "image_pull_secrets", "service_account_annotations")
"""The settings of every pod in the target's Kubernetes: the Job's, and the exporter's of `monitoring`."""
NOT_OF_THE_CHECKS = ("always", "runner", *OF_THE_JOB, *OF_EVERY_POD)
"""All other settings are for the checks, wherever they run."""


@dataclass(frozen=True, slots=True)
class VerificationSettings:
    """The checks that have to pass before `pulumi up` succeeds.

    With `runner: job` the checks run in a Kubernetes Job beside the target. Use it if your machine can reach
    Kubernetes but not the brokers: see [in-cluster.md](in-cluster.md). `schedule` and `resources` apply to
    this Job only; `image`, `image_pull_secrets` and `service_account_annotations` apply to the exporter of
    `monitoring.exporter` too.
    """

    enabled: bool = field(
        default=True, metadata=meta("Verify the mirror at the end of each deployment that changes it.")
    )
    always: bool = field(
        default=False,
        metadata=meta(
            "Also verify in a `pulumi up` that changes nothing. Every preview then shows the "
            "verification as a change."
        ),
    )
    deadline_seconds: int = field(
        default=300,
        metadata=meta(
            "Maximum time in seconds that `pulumi up` waits until all checks pass.",
            minimum=0,
            maximum=604_800,
        ),
    )
    max_lag_seconds: int = field(
        default=30,
        metadata=meta(
            "Maximum time in seconds that the mirror may be behind its source.", minimum=1, maximum=604_800
        ),
    )
    window_records: int = field(
        default=20,
        metadata=meta(
            "Number of records that records-match compares at the beginning, in the middle and at"
            " the end of each partition.",
            minimum=1,
            maximum=10_000,
        ),
    )
    window_partitions: int = field(
        default=500,
        metadata=meta(
            "Number of partitions that records-match compares in one run. If there are more, the "
            "next run compares the next ones.",
            minimum=1,
            maximum=1_000_000,
        ),
    )
    certificate_margin_days: int = field(
        default=14,
        metadata=meta("Days that every certificate has to remain valid.", minimum=0, maximum=3650),
    )
    runner: Runner = field(
        default="local",
        metadata=meta(
            "Where the checks run: `local` on the machine that runs `pulumi up`, or `job` in the "
            "target's Kubernetes."
        ),
    )
    image: str | None = field(
        default=None,
        metadata=meta(
            "Container image with `python -m mirror` for `runner: job` and `monitoring.exporter`,"
            " built from this repository's Dockerfile.",
            rule=kubernetes.image,
        ),
    )
    schedule: str | None = field(
        default=None,
        metadata=meta(
            "Times at which to verify without `pulumi up`: five cron fields in UTC, e.g. `*/15 * * * *`.",
            rule=cron.schedule,
        ),
    )
    resources: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "Resource `requests` and `limits` of the Job's container.", known=("requests", "limits", "claims")
        ),
    )
    image_pull_secrets: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Secrets in the target's namespace that are used to pull the image.",
            rule=kubernetes.resource_name,
        ),
    )
    service_account_annotations: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Annotations of the ServiceAccounts of the pods.", key_rule=kubernetes.label_key),
    )
