"""What runs in the target's Kubernetes: what that needs, and what has no meaning without it."""

from __future__ import annotations

from collections.abc import Iterator

from settings.model import Settings
from settings.model.verification import OF_EVERY_POD, OF_THE_JOB
from settings.problems import MISSING, Problem


def pods_have_an_image(settings: Settings) -> Iterator[Problem]:
    """Only a registry that the target's nodes can reach helps, and only its people know which."""
    asked = _in_the_cluster(settings)
    if asked and settings.verification.image is None:
        rule = f"is missing: {asked}, and pods need an image"
        remedy = "Build one from the Dockerfile, push it where the target's nodes find it, and name it here"
        yield Problem("verification.image", MISSING, rule, remedy)


def nothing_is_ignored(settings: Settings) -> Iterator[Problem]:
    """What would be ignored is refused: somebody would count on it."""
    verification, monitoring = settings.verification, settings.monitoring
    if verification.runner == "local":
        for key in OF_THE_JOB:
            if value := getattr(verification, key):
                rule = "has no meaning while verification.runner is local"
                yield Problem(
                    f"verification.{key}", value, rule, "Set verification.runner: job, or remove it"
                )
    if not _in_the_cluster(settings):
        for key in OF_EVERY_POD:
            if value := getattr(verification, key):
                rule = "has no meaning while verification.runner is local and monitoring.exporter is false"
                remedy = "Set verification.runner: job or monitoring.exporter: true, or remove it"
                yield Problem(f"verification.{key}", value, rule, remedy)
    if monitoring.exporter and not monitoring.enabled:
        rule = "has no meaning while monitoring.enabled is false"
        yield Problem("monitoring.exporter", True, rule, "Set monitoring.enabled: true, or remove it")


def pods_can_judge_every_user(settings: Settings) -> Iterator[Problem]:
    """Kept certificates are judged by the source's clients CA, and no pod's account leads there: users-work
    would fail for ever.
    """
    users, asked = settings.users, _in_the_cluster(settings)
    if asked and users.tls == "keep-certificate" and (users.copy or users.selector):
        rule = f"cannot be verified by a pod, which does not read the source's clients CA, and {asked}"
        remedy = "Verify and export where that can be read, or set new-certificate here"
        yield Problem("users.tls", users.tls, rule, remedy)


def _in_the_cluster(settings: Settings) -> str:
    """Say what asks for pods; empty where nothing does."""
    found = []
    if settings.verification.runner == "job":
        found.append("verification.runner is job")
    if settings.monitoring.exporter:
        found.append("monitoring.exporter is true")
    return " and ".join(found)


RULES = (pods_have_an_image, nothing_is_ignored, pods_can_judge_every_user)
