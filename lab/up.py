"""`python -m lab up`: makes the lab what it shall be, from whatever state it is in."""

import os
import subprocess
import sys
import time

import psutil
from rich.console import Console

from lab import workload
from lab.errors import LabError
from lab.exclusive import exclusive
from lab.files import remove_half_made, write_file, write_json
from lab.layout import PROJECT, REGIONS, Lab
from lab.owner import note_owner
from lab.ports import reserve
from lab.processes import SUPERVISOR, ProcessSpec, Stage, declare, digest_of, environment, find
from lab.progress import Steps
from lab.region.region import PORTS, Region
from lab.side_by_side import side_by_side
from lab.supervisor import code_digest
from lab.toolchain import Toolchain, ToolchainIncomplete
from lab.waiting import wait_ready

SOURCE_VARIABLE = "REGION_MIRROR_LAB_SOURCE"
"""`older`: region east has the older Kafka, which `python -m lab.toolchain older-kafka` fetches. Asked for
with the variable, or no longer, a lab that is up gets another broker with the same data.
"""
_SUPERVISOR_SECONDS = 20.0
_PASSPHRASE = "region-mirror-lab"  # noqa: S105 - published, see below
"""Published, as its salt in stacks/Pulumi.lab.yaml is: else `pulumi` would write a new salt into that
committed file on every machine. The lab holds no secret worth keeping."""


def up(
    lab: Lab, console: Console | None = None, *, with_operator: bool = True, owner: int | None = None
) -> bool:
    """Bring the lab up and wait until it serves; say whether anything changed. Raises `LabError`.

    Leaves alone what is as it should be: a second call is quick, and one after a kill mends the rest. When
    process `owner` ends, the supervisor takes the lab down.
    """
    console = console or Console()
    try:
        toolchain = Toolchain.load()
        source_tools = _source_tools(toolchain)
    except ToolchainIncomplete as problem:
        raise LabError(str(problem)) from problem
    start = time.monotonic()
    with exclusive(lab, "up"), Steps(console) as steps:
        changed = _prepare(lab)
        note_owner(lab, owner)
        ports = reserve(lab, [f"{region}-{name}" for region in REGIONS for name in PORTS])
        changed |= _start_supervisor(lab, steps)
        tools = dict.fromkeys(REGIONS, toolchain) | {REGIONS[0]: source_tools}
        regions = [Region(lab, name, ports, tools[name], steps) for name in REGIONS]
        changed |= side_by_side(*(region.certificates for region in regions))
        changed |= side_by_side(*(act for region in regions for act in (region.kubernetes, region.kafka)))
        changed |= side_by_side(*(region.describe_kafka for region in regions))
        if with_operator:
            changed |= side_by_side(*(lambda name=name: _operator(lab, name, steps) for name in REGIONS))
            changed |= _kubelet(lab, steps)
            changed |= _workload(lab, steps)
    took = f"{time.monotonic() - start:.1f} s"
    console.print(
        f"the lab is up after {took}: {lab.root}" if changed else f"nothing changed, the lab is up ({took})",
        highlight=False,
        soft_wrap=True,
    )
    return changed


def _source_tools(toolchain: Toolchain) -> Toolchain:
    chosen = os.environ.get(SOURCE_VARIABLE, "")
    if chosen not in ("", "older"):
        raise LabError(f"{SOURCE_VARIABLE} is {chosen!r}: set it to `older`, or do not set it")
    return toolchain.with_older_kafka() if chosen else toolchain


def _prepare(lab: Lab) -> bool:
    if not lab.exists:
        write_json(lab.state_file, {})
    for folder in (lab.processes, lab.run, lab.logs, lab.pulumi):
        folder.mkdir(mode=0o700, exist_ok=True)
    for folder in (lab.root, lab.processes, lab.run):
        remove_half_made(folder)
    return write_file(lab.passphrase, _PASSPHRASE)


def _start_supervisor(lab: Lab, steps: Steps) -> bool:
    running = find(lab, SUPERVISOR)
    if running is not None and digest_of(running) == code_digest():
        return False
    with steps.step("", "supervisor"):
        if running is not None:  # of another version; what it keeps running is adopted
            running.terminate()
            psutil.wait_procs([running], timeout=5)
        lab.logs.mkdir(mode=0o700, exist_ok=True)
        with lab.log(SUPERVISOR).open("ab") as output:
            subprocess.Popen(
                [sys.executable, "-m", "lab.supervisor"],
                cwd=PROJECT,
                env={**os.environ, **environment(lab, SUPERVISOR, code_digest())},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + _SUPERVISOR_SECONDS
        while (running := find(lab, SUPERVISOR)) is None or digest_of(running) != code_digest():
            if time.monotonic() > until:
                raise LabError(f"the lab's supervisor does not start; see {lab.log(SUPERVISOR)}")
            time.sleep(0.1)
    return True


def _operator(lab: Lab, region: str, steps: Steps) -> bool:
    spec = ProcessSpec(
        name=f"{region}-operator",
        argv=(sys.executable, "-m", "lab.operator", "--region", region),
        cwd=str(PROJECT),
        stop_seconds=15,
        stage=Stage.CONTROLLER,
    )
    if not declare(lab, spec) and find(lab, spec.name) is not None:
        return False
    with steps.step(region, "Operator, stands in for Strimzi's"):
        wait_ready(lab, spec, lambda: None)
    return True


def _kubelet(lab: Lab, steps: Steps) -> bool:
    # It ends before the controllers do, or it would go on starting what they make.
    spec = ProcessSpec("kubelet", (sys.executable, "-m", "lab.kubelet"), cwd=str(PROJECT), stage=Stage.CLIENT)
    if not declare(lab, spec) and find(lab, spec.name) is not None:
        return False
    with steps.step("", "Kubelet, runs the pods of Jobs as processes"):
        wait_ready(lab, spec, lambda: None)
    return True


def _workload(lab: Lab, steps: Steps) -> bool:
    with steps.step(REGIONS[0], "Workload: users, topics, records, groups, processes") as step:
        installed = workload.install(lab, say=step.detail)
        step.nothing_done = installed.seed.nothing_done and not installed.processes_changed
    return not step.nothing_done
