"""Rules for a source with an AWS identity (IAM access control for Amazon MSK)."""

from __future__ import annotations

from collections.abc import Iterator

from settings.model import Settings
from settings.problems import MISSING, Problem

_LIBRARY = "software.amazon.msk:aws-msk-iam-auth"


def identity_is_complete(settings: Settings) -> Iterator[Problem]:
    """IAM needs the region; another login has none."""
    source = settings.source
    if source.authentication == "aws-msk-iam" and source.msk_iam is None:
        rule = "is missing: source.authentication is aws-msk-iam"
        yield Problem("source.msk_iam", MISSING, rule, "Set region in it")
    if source.authentication != "aws-msk-iam" and source.msk_iam is not None:
        rule = f"has no effect with source.authentication {source.authentication}"
        yield Problem("source.msk_iam", MISSING, rule, "Remove it, or set source.authentication: aws-msk-iam")


def workers_have_the_library(settings: Settings) -> Iterator[Problem]:
    """Strimzi's image has no such login module, and a KafkaMirrorMaker2 cannot build one."""
    if settings.source.authentication == "aws-msk-iam" and settings.workers.image is None:
        rule = f"is missing: with source.authentication aws-msk-iam the workers need the library {_LIBRARY}"
        remedy = "Build an image from Strimzi's with that jar in /opt/kafka/libs, and name it"
        yield Problem("workers.image", MISSING, rule, remedy)


def heartbeats_have_no_identity(settings: Settings) -> Iterator[Problem]:
    """The heartbeats' pods have a ServiceAccount of their own, without the role."""
    interval = settings.mirror.heartbeats_interval_seconds
    if settings.source.authentication == "aws-msk-iam" and interval:
        rule = (
            "cannot be used together with source.authentication aws-msk-iam: their pods have no AWS identity"
        )
        yield Problem("mirror.heartbeats_interval_seconds", interval, rule, "Set it to 0")


RULES = (identity_is_complete, workers_have_the_library, heartbeats_have_no_identity)
