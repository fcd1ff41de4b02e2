"""Rules for the cutover: the fence has to hold at the source that is there."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from settings.consistency.workers import is_secret
from settings.model import Settings
from settings.model.secret import contains_secret
from settings.names import Names
from settings.problems import MISSING, Problem

_PATH = "cutover.fence"
_NAMED = re.compile(r"([\w.-]+)\s*[=:]\s*(.+)", re.DOTALL)
"""`--token=...`, `TOKEN=...`, `X-Api-Key: ...`"""
_HEADER = re.compile(r"\b(bearer|basic)\s+[^\s$]{8,}", re.IGNORECASE)


def fence_holds(settings: Settings) -> Iterator[Problem]:
    """KafkaUsers exist on Kubernetes only, and the User Operator deletes the ACLs of others."""
    fence, origin = settings.cutover.fence, settings.source.origin
    if fence == "acls" and origin != "credentials":
        rule = "does not hold at a Strimzi source: its User Operator deletes ACLs that no KafkaUser declares"
        yield Problem(_PATH, fence, rule, "Set it to strimzi or manual")
    if fence == "strimzi" and origin != "kubernetes":
        rule = "changes KafkaUsers, but the source's Kubernetes is unknown"
        yield Problem(_PATH, fence, rule, "Set source.cluster and source.namespace, or set it to manual")


def fence_command_is_used(settings: Settings) -> Iterator[Problem]:
    """A command that is never run would be relied on."""
    if settings.cutover.fence_command and settings.fence != "manual":
        rule = "has no effect unless cutover.fence is manual"
        command = settings.cutover.fence_command
        shown = MISSING if _holds_secret(command) else list(command)
        yield Problem("cutover.fence_command", shown, rule, "Set cutover.fence: manual, or remove it")


def commands_hold_no_secret(settings: Settings) -> Iterator[Problem]:
    """Arguments are in the stack file, in Pulumi's state, in the journal's ConfigMap, and in the list of
    processes.
    """
    cutover = settings.cutover
    for key, command in (
        ("fence_command", cutover.fence_command),
        ("switch_command", cutover.switch_command),
    ):
        if _holds_secret(command):
            rule = "has an argument that looks like a secret, in plain text"
            remedy = "Let the program read it from a file of the machine that runs the command"
            yield Problem(f"cutover.{key}", MISSING, rule, remedy)


def _holds_secret(command: Sequence[str]) -> bool:
    return any(_is_secret_argument(command, index) for index in range(len(command)))


def _is_secret_argument(command: Sequence[str], index: int) -> bool:
    one, before = command[index], command[index - 1] if index else ""
    if contains_secret(one) or _HEADER.search(one):
        return True
    if (named := _NAMED.fullmatch(one)) and is_secret(named[1], named[2]):
        return True
    flag = re.fullmatch(r"--?[\w.-]+", before) and not before.endswith("stdin")
    return bool(flag) and not one.startswith("-") and is_secret(before, one)


def workloads_are_found(settings: Settings) -> Iterator[Problem]:
    """Each entry names its workloads by labels, on a Kubernetes that is known, and once."""
    found = settings.cutover.workloads
    for index, one in enumerate(found):
        path = f"cutover.workloads[{index}]"
        if not one.labels:
            rule = "must not be empty: every workload of the namespace would be scaled"
            yield Problem(f"{path}.labels", {}, rule, "Name at least one label of the workloads")
        if one.side == "source" and settings.source.origin != "kubernetes" and not one.own_access:
            rule = "is at the source, but the source's Kubernetes is unknown"
            yield Problem(f"{path}.side", one.side, rule, f"Set {path}.kubeconfig")
        same = next(
            (other for other in range(index) if dataclasses.replace(found[other], role=one.role) == one),
            None,
        )
        if same is not None:
            rule = f"selects the same workloads as cutover.workloads[{same}]"
            yield Problem(path, one.side, rule, "Remove one of the two; what reads and writes is a producer")


def binding_is_possible(settings: Settings) -> Iterator[Problem]:
    """Users have the same credential on both sides if they are copied. The mirror's own names are in use."""
    binding, users = settings.cutover.binding, settings.users
    if binding is None:
        return
    path = "cutover.binding"
    if not users.selector:
        for index, user in enumerate(binding.users):
            if user not in users.copy:
                rule = "is no copied user, so the target does not have its credential"
                yield Problem(f"{path}.users[{index}]", user, rule, "Add it to users.copy, or remove it")
    own = {value for value in dataclasses.astuple(Names.of(settings)) if isinstance(value, str)}
    if binding.namespace in (None, settings.target.namespace) and binding.name in own:
        rule = "is the name of one of the mirror's own objects"
        yield Problem(f"{path}.name", binding.name, rule, "Choose another name, such as kafka-active")


RULES = (
    fence_holds,
    fence_command_is_used,
    commands_hold_no_secret,
    workloads_are_found,
    binding_is_possible,
)
