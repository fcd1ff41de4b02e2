"""Section `verification`: what has to be proven, and where that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from settings import cron, rules
from settings.model.fields import meta

Runner = Literal["local", "job"]
OF_THE_JOB = ("schedule", "resources")
"""The settings that say how to run a Job."""
OF_EVERY_POD = ("image", "image_pull_secrets", "service_account_annotations")
"""The settings of whatever runs in the target's Kubernetes: the Job, and the exporter of `monitoring`."""
NOT_OF_THE_CHECKS = ("runner", *OF_THE_JOB, *OF_EVERY_POD)
"""All others are the checks', wherever those run."""


@dataclass(frozen=True, slots=True)
class VerificationSettings:
    """What has to be proven before `pulumi up` succeeds.

    With `runner: job` the checks run in a Kubernetes Job beside the target, for a machine that reaches
    Kubernetes but not the brokers: see [in-cluster.md](in-cluster.md). `schedule` and `resources` are that
    Job's; `image`, `image_pull_secrets` and `service_account_annotations` also the exporter's, where
    `monitoring.exporter` runs it.
    """

    enabled: bool = field(default=True, metadata=meta("Verify the mirror at the end of each change."))
    deadline_seconds: int = field(
        default=300,
        metadata=meta("Seconds that `pulumi up` waits for a proven mirror.", minimum=0, maximum=604_800),
    )
    max_lag_seconds: int = field(
        default=30,
        metadata=meta("Seconds that the mirror may be behind its source.", minimum=1, maximum=604_800),
    )
    window_records: int = field(
        default=20,
        metadata=meta(
            "Records that records-match compares at head, middle and tail of each partition.",
            minimum=1,
            maximum=10_000,
        ),
    )
    window_partitions: int = field(
        default=500,
        metadata=meta(
            "Partitions that records-match looks at in one run; where there are more, another run takes the "
            "next ones.",
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
            "Where the checks run: `local`, on the machine that runs `pulumi up`, or `job`, in the target's "
            "Kubernetes."
        ),
    )
    image: str | None = field(
        default=None,
        metadata=meta(
            "Image with `python -m mirror` for `runner: job` and `monitoring.exporter`, built from this "
            "repository's Dockerfile.",
            rule=rules.image,
        ),
    )
    schedule: str | None = field(
        default=None,
        metadata=meta(
            "Verify at these times too, without `pulumi up`: five cron fields in UTC, e.g. `*/15 * * * *`.",
            rule=cron.schedule,
        ),
    )
    resources: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "`requests` and `limits` of the Job's container.", known=("requests", "limits", "claims")
        ),
    )
    image_pull_secrets: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Secrets in the target's namespace with which the image is pulled.", rule=rules.resource_name
        ),
    )
    service_account_annotations: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Annotations of the pods' ServiceAccounts.", key_rule=rules.label_key),
    )
