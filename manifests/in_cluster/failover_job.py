"""The failover as a Job beside the target, for the day on which no machine of people reaches it. Pure.

A command prints it for `kubectl`; the stack declares none of it, so that the account exists only as long as
people want it. By default it is the Job of a dry run, whose account may change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from manifests.in_cluster.account import STRIMZI, account_of, rule
from manifests.in_cluster.job import FOUND_ENVIRONMENT, KEPT_SECONDS, failure_policy
from manifests.in_cluster.pod import Identity, pod
from manifests.in_cluster.pod_settings import SETTINGS_PATH, config_map_data
from manifests.metadata import Manifest, metadata
from settings.model import Settings
from settings.names import Names

CONTAINER = "failover"
LABELS = {"app.kubernetes.io/name": "region-mirror", "app.kubernetes.io/component": "failover"}
_LEASES = "coordination.k8s.io"
_RETRIES = 3
"""A pod that was killed is followed by another one, which continues: every step is idempotent."""
_DEADLINE_SECONDS = 3_600


def failover_job(settings: Settings, *, promote: bool, options: Sequence[str] = ()) -> tuple[Manifest, ...]:
    """Render all objects in the order of their creation. `promote`: fail over; else a dry run. `options` are
    further options of `python -m mirror failover`.

    The settings of a pod have no section `cutover`: its kubeconfigs and programs are not in the pod. So the
    Job does the promotion and `confirm-stop`. `failover` from elsewhere does what `cutover` configures.
    """
    name = job_name(settings, promote=promote)
    return (
        *account_of(settings, name, LABELS, _rules(settings, promote=promote)),
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata(settings, name, labels=LABELS),
            "data": config_map_data(settings),
        },
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata(settings, name, labels=LABELS),
            "spec": {
                "activeDeadlineSeconds": _DEADLINE_SECONDS,
                "backoffLimit": _RETRIES,
                "ttlSecondsAfterFinished": KEPT_SECONDS,
                # A blocked step needs a person.
                "podFailurePolicy": failure_policy("FailJob", CONTAINER),
                "template": {"metadata": {"labels": LABELS}, "spec": _pod(settings, name, promote, options)},
            },
        },
    )


def job_name(settings: Settings, *, promote: bool) -> str:
    """Name the Job and what belongs to it."""
    name = Names.of(settings).failover_job
    return name if promote else f"{name}-dry-run"


def _rules(settings: Settings, *, promote: bool) -> Iterator[dict[str, Any]]:
    """Return the permissions; each is one of docs/failover.md."""
    names, users = Names.of(settings), settings.users
    yield rule(STRIMZI, "kafkamirrormaker2s", "get", [names.mirror])
    secrets = {names.verifier_user, names.source_user_secret, names.source_ca_secret}
    if not settings.target.public_ca:
        secrets.add(names.target_ca_secret)
    if promote:
        secrets.add(names.mirror_user)  # sets offsets of groups
    yield rule("", "secrets", "get", secrets)
    yield rule("", "configmaps", "get", [names.last_look, names.cutover])
    yield rule(_LEASES, "leases", "get", [names.cutover])
    yield rule(STRIMZI, "kafkausers", "get", [names.mirror_user])
    if users.selector:
        yield rule(STRIMZI, "kafkausers", "list")
    elif users.copy:
        yield rule(STRIMZI, "kafkausers", "get", users.copy)
    if promote:
        yield from _changes(settings, names)


def _changes(settings: Settings, names: Names) -> Iterator[dict[str, Any]]:
    yield rule(STRIMZI, "kafkamirrormaker2s", "patch", [names.mirror])
    yield rule(STRIMZI, "kafkausers", "patch", [names.mirror_user])  # takes Write on mirrored topics
    yield rule("", "configmaps", "create")  # the journal
    yield rule("", "configmaps", "patch", [names.cutover])
    yield rule(_LEASES, "leases", "create")
    yield rule(_LEASES, "leases", "update", [names.cutover])
    if settings.users.selector:
        # The copied users' names are not in the stack file.
        yield rule(STRIMZI, "kafkausers", "get")
        yield rule(STRIMZI, "kafkausers", "patch")
    elif settings.users.copy:
        yield rule(STRIMZI, "kafkausers", "patch", settings.users.copy)


def _pod(settings: Settings, name: str, promote: bool, options: Sequence[str]) -> dict[str, Any]:
    left_out = [f"--leave-out-group={group}" for group in settings.cutover.leave_out_groups]
    return pod(
        settings,
        Identity(name, name),
        {
            "name": CONTAINER,
            "command": ["python", "-m", "mirror", "failover"],
            "args": [
                f"--config-file={SETTINGS_PATH}",
                "--yes" if promote else "--dry-run",
                *left_out,
                *options,
            ],
            "env": [FOUND_ENVIRONMENT],
            # The end of the log becomes part of the pod's status.
            "terminationMessagePolicy": "FallbackToLogsOnError",
        },
        token_seconds=_DEADLINE_SECONDS,
    )
