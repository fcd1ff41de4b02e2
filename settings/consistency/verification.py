"""Verification in a Job: what it needs, and what has no meaning without it."""

from __future__ import annotations

from collections.abc import Iterator

from settings.model import Settings
from settings.model.verification import OF_THE_JOB
from settings.problems import MISSING, Problem


def job_has_an_image(settings: Settings) -> Iterator[Problem]:
    """Only a registry that the target's nodes can reach helps, and only its people know which."""
    if settings.verification.runner == "job" and settings.verification.image is None:
        rule = "is missing: verification.runner is job, and its pods need an image"
        remedy = "Build one from the Dockerfile, push it where the target's nodes find it, and name it here"
        yield Problem("verification.image", MISSING, rule, remedy)


def local_needs_nothing_of_the_job(settings: Settings) -> Iterator[Problem]:
    """What would be ignored is refused: somebody would count on it."""
    if settings.verification.runner == "job":
        return
    for key in OF_THE_JOB:
        value = getattr(settings.verification, key)
        if value:
            rule = "has no meaning while verification.runner is local"
            yield Problem(f"verification.{key}", value, rule, "Set verification.runner: job, or remove it")


def job_can_judge_every_user(settings: Settings) -> Iterator[Problem]:
    """Kept certificates are judged by the source's clients CA, and the Job's account does not lead there:
    users-work would fail for ever.
    """
    users = settings.users
    copied = users.copy or users.selector
    if settings.verification.runner == "job" and users.tls == "keep-certificate" and copied:
        rule = "cannot be verified by a Job, which does not read the source's clients CA"
        yield Problem("users.tls", users.tls, rule, "Set verification.runner: local, or new-certificate here")


RULES = (job_has_an_image, local_needs_nothing_of_the_job, job_can_judge_every_user)
