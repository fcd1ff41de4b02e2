"""`make mutants`: change the code that decides in small ways, and list the changes that no unit test notices.

    python -m tests.mutation [SCOPE...] [--again] [--only MUTANT...]

mutmut is no dependency of the project: it is installed into a virtual environment in `--work`, beside a
copy of the tree for each scope. Prints a line a module; the diffs of survivors are in `--work`/SCOPE.diff.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from tests.mutation.in_copy import without_property_decorators
from tests.mutation.scopes import SCOPES

MUTMUT = "mutmut==3.8.1"
_OF_THE_TEXT = "test_no_text_of_the_room"
"""Tests that read the source itself, which mutmut has filled with its mutants."""
_WITHOUT_RANDOM_DATA = ("-m", "not hypothesis")
"""Tests with random data take long, and fail where generating it is slow."""
_PACKAGES = ["mirror", "manifests", "settings"]
"""Those with modules that a scope may name."""
ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run the scopes one after the other. Exit code 1: mutants survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("scopes", nargs="*", metavar="SCOPE", help=f"of {', '.join(SCOPES)}; absent: all")
    parser.add_argument("--only", nargs="+", default=[], metavar="MUTANT", help="names, with * and ?")
    parser.add_argument(
        "--again", action="store_true", help="only mutants that survived the last run, or changed since"
    )
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "region-mirror-mutants", help="a folder"
    )
    given = parser.parse_args()
    if unknown := sorted(set(given.scopes) - set(SCOPES)):
        parser.error(f"no scope {', '.join(unknown)}; there are: {', '.join(SCOPES)}")
    python = _environment(given.work)
    survived = sum(
        _run(one, given.work, python, given.only, again=given.again) for one in given.scopes or SCOPES
    )
    return 1 if survived else 0


def _environment(work: Path) -> Path:
    """The Python of a virtual environment with mutmut that also sees the packages of this one."""
    venv = work / "venv"
    python = venv / "bin/python"
    if not python.exists():
        uv = Path(sys.prefix) / "bin/uv"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, MUTMUT], check=True)
        site = subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        )
        (Path(site.strip()) / "region_mirror.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def _run(scope: str, work: Path, python: Path, only: list[str], *, again: bool) -> int:
    """Run one scope and print it. Return the number of mutants that no test noticed."""
    copy = work / scope
    if not again:
        shutil.rmtree(copy, ignore_errors=True)
    (copy / "results.jsonl").unlink(missing_ok=True)
    for name in subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0"):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    modules, tests = SCOPES[scope].modules, SCOPES[scope].tests
    for one in modules:
        (copy / one).write_text(without_property_decorators((copy / one).read_text()))
    top = sorted(one.name for one in copy.iterdir() if one.name not in {*_PACKAGES, "mutants"})
    config = {
        "source_paths": _PACKAGES,
        "only_mutate": modules,
        "also_copy": top,
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-k", f"not {_OF_THE_TEXT}"],
        "pytest_add_cli_args_test_selection": [*_WITHOUT_RANDOM_DATA, *tests],
        "use_git_change_detection": False,
        "timeout_constant": 8.0,  # times 15: seconds of wall time, of which a busy machine needs many
    }
    with (copy / "pyproject.toml").open("a") as out:
        out.write("\n[tool.mutmut]\n" + "".join(f"{key} = {json.dumps(it)}\n" for key, it in config.items()))
    start = time.monotonic()
    log = work / f"{scope}.log"
    with log.open("w") as out:
        subprocess.run(
            [python, "-m", "tests.mutation.in_copy", *only],
            cwd=copy, env={**os.environ, "PYTHONPATH": ""}, stdout=out, stderr=out, check=False,
        )  # fmt: skip
    if not (copy / "results.jsonl").exists():
        print(f"{scope}: mutmut ended before its results; its output: {log}")
        return 1
    print(f"\n{scope}: {len(tests)} test modules, {time.monotonic() - start:,.0f} s")
    return _print(scope, work, [json.loads(line) for line in (copy / "results.jsonl").open()])


def _print(scope: str, work: Path, rows: list[dict[str, str]]) -> int:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row["module"]][row["state"]] += 1
    for module, states in counts.items():
        others = ", ".join(f"{count} {state}" for state, count in sorted(states.items()) if state != "killed")
        print(f"  {module}: {states.total()} mutants, {states['killed']} killed, {others or '0 survived'}")
    alive = [row for row in rows if row["state"] not in {"killed", "timeout", "not run"}]
    diffs = work / f"{scope}.diff"
    diffs.write_text("".join(f"# {one['mutant']}: {one['state']}\n{one['diff']}\n\n" for one in alive))
    print(f"  {len(alive)} survivors: {diffs}")
    return len(alive)


if __name__ == "__main__":
    sys.exit(main())
