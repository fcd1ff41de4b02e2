"""Section `verification`: what has to be proven."""

from __future__ import annotations

from dataclasses import dataclass, field

from settings.model.fields import meta


@dataclass(frozen=True, slots=True)
class VerificationSettings:
    """What has to be proven before `pulumi up` succeeds."""

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
