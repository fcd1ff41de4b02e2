"""Run mutmut in a copy of the tree; started by `tests.mutation` with the Python that has mutmut.

    python -m tests.mutation.in_copy [MUTANT...]

writes one line a mutant as JSON to results.jsonl. Three things differ from `mutmut run`:

- mutmut leaves decorated functions out, and with them every `@property`. The copy declares properties by a
  call, so that their bodies are mutated.
- Strings with a space are wording for people, which tests assert elsewhere; they are not mutated.
- Run again in the same copy, it tries again every mutant that no test had noticed: there may be new tests.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

STATES = {
    1: "killed",
    3: "killed",
    0: "survived",
    33: "no tests",
    24: "timeout",
    -24: "timeout",
    36: "timeout",
}


def without_property_decorators(source: str) -> str:
    """`@property` above a method as `NAME = property(_NAME)` below it."""
    lines = source.splitlines()
    functions = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)]
    for one in sorted(functions, key=lambda each: each.lineno, reverse=True):
        if [ast.unparse(each) for each in one.decorator_list] != ["property"]:
            continue
        head = one.lineno - 1
        indent = " " * one.col_offset
        lines[head] = lines[head].replace(f"def {one.name}(", f"def of_{one.name}(")
        lines.insert(one.end_lineno or 0, f"{indent}{one.name} = property(of_{one.name})")
        del lines[one.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


def _without_wording() -> None:
    from mutmut.mutation import mutators

    plain = mutators.operator_string

    def names_only(node: Any) -> Iterable[Any]:
        return () if " " in getattr(node, "value", " ") else plain(node)

    mutators.mutation_operators[:] = [
        (kind, names_only if operator is plain else operator)
        for kind, operator in mutators.mutation_operators
    ]


def _forget_survivors() -> None:
    """Make mutmut try again what no test noticed in the last run here."""
    for path in Path("mutants").rglob("*.meta"):
        meta = json.loads(path.read_text())
        codes = meta["exit_code_by_key"]
        meta["exit_code_by_key"] = {
            name: code if STATES.get(code) == "killed" else None for name, code in codes.items()
        }
        path.write_text(json.dumps(meta))
    Path("mutants/mutmut-stats.json").unlink(missing_ok=True)


def main(mutants: list[str]) -> None:
    """Run in the current directory, whose pyproject.toml configures mutmut."""
    _without_wording()
    _forget_survivors()
    from mutmut import __main__ as mutmut
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.utils.file_utils import walk_mutatable_files

    mutmut._run(tuple(mutants), 2)
    with Path("results.jsonl").open("w") as out:
        for path in sorted(walk_mutatable_files()):
            data = SourceFileMutationData(path=path)
            data.load()
            for name, code in data.exit_code_by_key.items():
                state = STATES.get(code, f"exit code {code}") if code is not None else "not run"
                diff = "" if state == "killed" else get_diff_for_mutant(name, path=path)
                row = {"module": str(path), "mutant": name, "state": state, "diff": diff}
                out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
