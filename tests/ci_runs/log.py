"""What act's log says: how a job ended, and how long its steps took."""

from __future__ import annotations

import re

_STEP = re.compile(
    r"^\[[^\]/]*/(?P<job>[^\]]*?) *\].* (?:Success|Failure) - Main (?P<step>[^\[]*) "
    r"\[(?:(?P<minutes>\d+)m)?(?P<number>[\d.]+)(?P<unit>s|ms|µs)\]$",
    re.MULTILINE,
)
_SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}


def outcome(log: str, job: str) -> str:
    """`succeeded` or `failed`; "" for a job that did not run."""
    found = re.findall(rf"^\[[^\]/]*/{re.escape(job)} *\].*Job (\w+)", log, re.MULTILINE)
    return str(found[-1]) if found else ""


def seconds_to_comment(log: str) -> float:
    """Seconds from push to comment in the steps that do the work: check, the slowest preview, comment.

    The steps that set a job up (checkout, Python, the CLI) are left out, and so is handing on artifacts.
    """
    by_job: dict[str, float] = {}
    for one in _STEP.finditer(log):
        if one["step"].startswith(("Check the stack", "Preview and plan", "Summary", "Comment")):
            took = 60 * int(one["minutes"] or 0) + float(one["number"]) * _SECONDS[one["unit"]]
            by_job[one["job"]] = by_job.get(one["job"], 0.0) + took
    previews = [took for job, took in by_job.items() if job.startswith("Preview ")]
    return by_job["Check without a cluster"] + max(previews) + by_job["Comment"]
