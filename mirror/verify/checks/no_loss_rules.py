"""no-loss-rules: the KafkaMirrorMaker2 that runs keeps the no-loss rules, not only the stack file.

Loading refuses a stack file that breaks a rule (`settings.no_loss`). Somebody may have changed the resource
since (`kubectl edit`): `pulumi up` compares the stack file with Pulumi's state, and a refresh leaves out
fields that another manager has added (server-side apply). The other checks find what `errors.tolerance: all`
or a transformation loses only where they happen to look.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from manifests.strimzi.broken_rules import Broken, broken_by
from manifests.strimzi.resource import read_mirror_maker2
from mirror.mm2.phase import AT_REST, REPLICATE
from mirror.problems import Finding
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.look import Look, resource
from mirror.verify.report import CheckResult
from settings.no_loss import RULES

NAME = "no-loss-rules"


def judge(
    resource: Mapping[str, Any],
    alias: str,
    allowed: Collection[str] = (),
    phase: str = REPLICATE,
    *,
    exactly_once: bool = False,
) -> CheckResult:
    """`alias`: of the source. `allowed`: rules that the stack file may break (`mirror.allow_data_loss`).
    `phase`: of the deployed mirror. The stack file may call one promoted whose move is in progress.
    `exactly_once`: as in the stack file; by the resource alone, one without it is as good.
    """
    spec = read_mirror_maker2(resource)
    flow = spec.flows.get(alias)
    where = resource.get("metadata") or {}
    edit = f"kubectl edit -n {where.get('namespace')} kafkamirrormaker2 {where.get('name')}"
    if phase in AT_REST:
        again = [_again(connector, edit) for one in spec.mirrors for connector in one.not_stopped]
        copies = "its connectors are declared to run again" if again else "it copies nothing any more"
        return CheckResult.of(NAME, f"the mirror is promoted: {copies}", again)
    if flow is None:
        message = f"the KafkaMirrorMaker2 mirrors {', '.join(spec.flows) or 'nothing'}, and not {alias}"
        return CheckResult.of(NAME, message, [Finding(alias, message, "run `pulumi up`")])
    rules = [rule for rule in RULES if rule.name not in allowed]
    broken = [one for rule in rules for one in broken_by(rule, spec, flow, exactly_once=exactly_once)]
    kept = len(rules) - len({one.rule.name for one in broken})
    summary = f"the deployed mirror keeps {kept} of {counted(len(rules), 'no-loss rule')}"
    if not broken:
        summary = f"the deployed mirror keeps all {counted(len(rules), 'no-loss rule')}"
    if allowed:
        summary += f"; the stack file allows it to break {', '.join(sorted(allowed))}"
    facts = {"broken": [{"rule": one.rule.name, "property": one.key} for one in broken]}
    return CheckResult.of(NAME, summary, [_finding(one, edit) for one in broken], facts)


def _again(connector: str, edit: str) -> Finding:
    return Finding(
        f"{connector}.state",
        "it is not stopped in the KafkaMirrorMaker2, although the mirror is promoted: MM2 appends records of "
        "the source to topics that clients write on the target, or sets the offsets of groups there",
        f"set it to stopped there (`{edit}`); `region-mirror ci changed-by` says who has changed it",
    )


def _finding(one: Broken, edit: str) -> Finding:
    return Finding(
        one.key,
        f"{one.told} in the KafkaMirrorMaker2, against the stack file and rule {one.rule.name}: "
        f"{one.rule.lost}",
        "somebody has changed it outside Pulumi (`region-mirror ci changed-by` says who and when), which "
        "`pulumi up` does not notice, or the stack file is not deployed yet. Correct the line there "
        f"(`{edit}`), then run `region-mirror audit`: it names the records that are missing or differ by now",
    )


def _of(look: Look) -> CheckResult:
    settings, mirror = look.settings, look.settings.mirror
    return judge(
        look.resource,
        settings.source.alias,
        mirror.allow_data_loss,
        look.phase,
        exactly_once=mirror.exactly_once,
    )


CHECK = Check(
    NAME,
    "the deployed connectors and workers keep the no-loss rules",
    reads=(resource,),
    judge=_of,
)
