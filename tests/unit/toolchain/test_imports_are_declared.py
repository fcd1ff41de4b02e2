"""Every package that is imported is declared in pyproject.toml by who imports it, not only by a package that
happens to need it too.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.mutation.__main__ import MUTMUT

CHECKOUT = Path(__file__).parents[3]
OWN = ("settings", "manifests", "mirror", "components", "provider", "policy", "findings", "lab", "tests")
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]


def names(*requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for group in requirements for one in group}


CORE = names(PROJECT["project"]["dependencies"])
AUDIT = CORE | names(EXTRAS["audit"])
# The policy pack runs in a virtual environment of its own, with this file's packages only.
PACK = names([one for one in (CHECKOUT / "policy/requirements.in").read_text().splitlines() if one[0] != "#"])
PROGRAM = CORE | names(EXTRAS["program"])
# Mutation tests run in an environment of their own, too, which `tests.mutation` makes.
MUTANTS = names([MUTMUT])
EVERYTHING = AUDIT | PROGRAM | names(PROJECT["dependency-groups"]["dev"])
AUDITS = [
    CHECKOUT / "mirror/audit",
    CHECKOUT / "mirror/commands/audit.py",
    CHECKOUT / "mirror/commands/audit_slices.py",
    CHECKOUT / "mirror/cutover/recovery",
    CHECKOUT / "mirror/cutover/reopening",
]
DECLARED = {
    "settings": CORE, "manifests": CORE, "mirror": CORE,
    "components": PROGRAM, "provider": PROGRAM, "__main__.py": PROGRAM,
    "policy": PACK, "findings": EVERYTHING, "lab": EVERYTHING, "tests": EVERYTHING,
}  # fmt: skip
PROVIDED_BY = packages_distributions()


def files(top: str) -> Iterator[Path]:
    path = CHECKOUT / top
    yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            # A namespace package (`google`) belongs to many: the whole name says whose this is.
            yield node.module


def declared_by(module: str, declared: set[str]) -> bool:
    top = module.split(".")[0]
    if top == "google":
        return "protobuf" in declared if module.startswith("google.protobuf") else False
    return any(canonicalize_name(one) in declared for one in PROVIDED_BY.get(top, [top]))


@pytest.mark.parametrize("top", DECLARED)
def test_every_import_is_declared(top: str) -> None:
    missing = set()
    for file in files(top):
        audit = any(file.is_relative_to(one) for one in AUDITS)
        own = MUTANTS if file.is_relative_to(CHECKOUT / "tests/mutation") else set()
        for module in imports(file):
            name = module.split(".")[0]
            if name in sys.stdlib_module_names or name in OWN:
                continue
            if not declared_by(module, own | (AUDIT if audit else DECLARED[top])):
                missing.add(f"{file.relative_to(CHECKOUT)} imports {module}")
    assert not missing


def test_nothing_is_declared_that_is_not_imported() -> None:
    """Tools that are run, and stubs, are in the development group alone."""
    imported = {
        canonicalize_name(distribution)
        for top in DECLARED
        for file in files(top)
        for module in imports(file)
        for distribution in PROVIDED_BY.get(module.split(".")[0], [])
    }
    assert (AUDIT | PROGRAM) - imported == set()
