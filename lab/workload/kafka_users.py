"""Declares production's KafkaUsers on the source's Kubernetes and waits until they are Ready."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from lightkube import ApiError
from lightkube.generic_resource import create_namespaced_resource

from lab.layout import NAMESPACE, Lab
from lab.region import clients
from lab.workload.connection import SOURCE
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import CouldNotRun, one_line

USERS_FILE = Path(__file__).with_name("users.yaml")
FIELD_MANAGER = "lab-workload"
READY_SECONDS = 60.0

KafkaUser = create_namespaced_resource("kafka.strimzi.io", "v1", "KafkaUser", "kafkausers")


def production_users() -> tuple[dict[str, Any], ...]:
    """The KafkaUsers as users.yaml declares them."""
    return tuple(yaml.safe_load_all(USERS_FILE.read_text(encoding="utf-8")))


def apply(lab: Lab, users: Sequence[Mapping[str, Any]]) -> None:
    """Server-side apply of KafkaUsers: unknown fields are refused, what is already so stays untouched."""
    kubeconfig = lab.kubeconfig(SOURCE)
    tried = f"declaring {len(users)} KafkaUsers in region {SOURCE}"
    if not kubeconfig.is_file():
        raise CouldNotRun(tried, f"there is no {kubeconfig}", "start the lab with `python -m lab up`")
    client = clients.kubernetes(lab, SOURCE)
    try:
        for user in users:
            resource = KafkaUser.from_dict(dict(user))
            client.apply(resource, field_manager=FIELD_MANAGER, force=True)
    except ApiError as error:
        raise CouldNotRun(
            tried,
            one_line(error),
            "see that Strimzi's CRDs and the namespace are there: `python -m lab status`",
        ) from error
    except Exception as error:  # httpx's many ways to say that nobody answers
        raise CouldNotRun(
            tried, one_line(error), "see that the API server runs: `python -m lab status`"
        ) from error


def wait_until_ready(lab: Lab, names: Sequence[str], seconds: float = READY_SECONDS) -> None:
    """Wait until each user is made as declared. Raises CouldNotRun with what the operator says otherwise."""
    kubernetes = Kubernetes.connect(lab.kubeconfig(SOURCE), None)
    deadline = time.monotonic() + seconds
    waiting = dict.fromkeys(names, "not looked at yet")
    while True:
        for name in list(waiting):
            state = readiness(kubernetes.strimzi("KafkaUser", NAMESPACE, name))
            if state is None:
                del waiting[name]
            else:
                waiting[name] = state
        if not waiting:
            return
        if time.monotonic() > deadline:
            raise CouldNotRun(
                f"waiting {seconds:.0f} s for the KafkaUsers of region {SOURCE}",
                "; ".join(f"{name}: {state}" for name, state in waiting.items()),
                f"see that the broker and {SOURCE}-operator run (`python -m lab status`) and read its log",
            )
        time.sleep(0.1)


def readiness(user: Mapping[str, Any]) -> str | None:
    """What keeps a KafkaUser from being Ready in its present generation; None when nothing does."""
    status = user.get("status") or {}
    if not status:
        return "no status yet: no operator has seen it"
    if status.get("observedGeneration", 0) < user["metadata"].get("generation", 0):
        return "its last change has not been seen yet"
    conditions = {condition["type"]: condition for condition in status.get("conditions", [])}
    if conditions.get("Ready", {}).get("status") == "True":
        return None
    refused = conditions.get("NotReady", {})
    return f"{refused.get('reason', 'not Ready')}: {refused.get('message', 'no message')}"
