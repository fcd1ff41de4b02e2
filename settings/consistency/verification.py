"""Rules for the pods in the target's Kubernetes, and for their settings."""

from __future__ import annotations

from collections.abc import Iterator

from settings.model import Settings
from settings.model.monitoring import OF_THE_EXPORTER
from settings.model.verification import OF_EVERY_POD, OF_THE_JOB
from settings.problems import MISSING, Problem


def pods_have_an_image(settings: Settings) -> Iterator[Problem]:
    """There is no default image: only you know which registry the target's nodes can reach."""
    asked = _in_the_cluster(settings)
    if asked and settings.verification.image is None:
        rule = f"is missing: {asked}, which needs an image"
        remedy = (
            "Build it from the Dockerfile, push it to a registry that the target's nodes reach, and name it"
        )
        yield Problem("verification.image", MISSING, rule, remedy)


def nothing_is_ignored(settings: Settings) -> Iterator[Problem]:
    """Reject settings that have no effect."""
    verification = settings.verification
    if verification.runner == "local":
        for key in OF_THE_JOB:
            if value := getattr(verification, key):
                rule = "has no effect while verification.runner is local"
                yield Problem(
                    f"verification.{key}", value, rule, "Set verification.runner: job, or remove it"
                )
    if not _in_the_cluster(settings):
        for key in OF_EVERY_POD:
            if value := getattr(verification, key):
                rule = "has no effect while verification.runner is local and monitoring.exporter is false"
                remedy = "Set verification.runner: job or monitoring.exporter: true, or remove it"
                yield Problem(f"verification.{key}", value, rule, remedy)
    if verification.always and not verification.enabled:
        rule = "has no effect while verification.enabled is false"
        yield Problem("verification.always", True, rule, "Set verification.enabled: true, or remove it")


def nothing_of_the_exporter_is_ignored(settings: Settings) -> Iterator[Problem]:
    """Reject settings of monitoring and of its exporter that have no effect."""
    monitoring = settings.monitoring
    for key in () if monitoring.enabled else ("exporter", "service_monitor"):
        if value := getattr(monitoring, key):
            rule = "has no effect while monitoring.enabled is false"
            yield Problem(f"monitoring.{key}", value, rule, "Set monitoring.enabled: true, or remove it")
    if not monitoring.exporter:
        for key in OF_THE_EXPORTER:
            if value := getattr(monitoring, key):
                rule = "has no effect while monitoring.exporter is false"
                yield Problem(f"monitoring.{key}", value, rule, "Set monitoring.exporter: true, or remove it")


def pods_can_judge_every_user(settings: Settings) -> Iterator[Problem]:
    """Kept certificates are checked against the source's clients CA, which the pods cannot read: users-work
    would always fail.
    """
    users, asked = settings.users, _runs_users_work(settings)
    if asked and users.tls == "keep-certificate" and (users.copy or users.selector):
        rule = f"cannot be verified by a pod, which cannot read the source's clients CA, and {asked}"
        remedy = "Run users-work where it can be read, or set new-certificate here"
        yield Problem("users.tls", users.tls, rule, remedy)


def _in_the_cluster(settings: Settings) -> str:
    """Return the settings that need pods, as text; empty if none does."""
    found = []
    if settings.verification.runner == "job":
        found.append("verification.runner is job")
    if settings.monitoring.exporter:
        found.append("monitoring.exporter is true")
    return " and ".join(found)


def _runs_users_work(settings: Settings) -> str:
    """Return the settings by which pods run users-work, as text; empty if none does."""
    found = []
    if settings.verification.runner == "job":
        found.append("verification.runner is job")
    if settings.monitoring.exporter and settings.monitoring.exporter_copied_users:
        found.append("monitoring.exporter_copied_users is true")
    return " and ".join(found)


RULES = (
    pods_have_an_image,
    nothing_is_ignored,
    nothing_of_the_exporter_is_ignored,
    pods_can_judge_every_user,
)
