"""One record a check: the order, the help, the report, the table of the documentation follow from it."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from typer.testing import CliRunner

from mirror.cli import MODULE, build
from mirror.verify import checks
from mirror.verify.check import Check
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import tails
from mirror.verify.register import BY_NAME, CHECKS, NAMES, reads_of
from mirror.verify.render import markdown
from mirror.verify.report import CheckResult, Report
from mirror.verify.run import checks_named

CHECKOUT = Path(__file__).parents[3]


def passes(look: Look) -> CheckResult:
    return CheckResult.of("x", "s", [])


def test_each_module_ends_with_its_record_and_the_register_holds_them_all() -> None:
    modules = [import_module(f"{checks.__name__}.{one.name}") for one in iter_modules(checks.__path__)]
    assert {module.CHECK for module in modules} == set(CHECKS)
    assert len(CHECKS) == len(modules)
    for module in modules:
        last = ast.parse(inspect.getsource(module)).body[-1]
        assert ast.unparse(last).startswith("CHECK = Check(")
        assert module.CHECK.name == module.NAME == module.__name__.rpartition(".")[2].replace("_", "-")


def test_names_and_records_are_in_the_same_order() -> None:
    assert tuple(BY_NAME) == NAMES == tuple(one.name for one in CHECKS)
    assert checks_named(()) == NAMES
    assert checks_named(NAMES[2::-1]) == NAMES[:3]


def test_a_check_without_a_statement_cannot_be_written() -> None:
    assert [one.name for one in fields(Check) if one.default is MISSING] == [
        "name",
        "statement",
        "reads",
        "judge",
    ]
    for name, statement, reads in (("", "s", (tails,)), ("x", "", (tails,)), ("x", "s", ())):
        with pytest.raises(ValueError, match="needs a name, a statement and what it reads"):
            Check(name, statement, reads, passes)


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_a_record_says_what_its_judgement_reads(check: Check) -> None:
    tree = ast.parse(inspect.getsource(check.judge))
    asked = {
        ast.unparse(one.args[0])
        for one in ast.walk(tree)
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "look.of"
    }
    asked |= {
        one.attr
        for one in ast.walk(tree)
        if isinstance(one, ast.Attribute) and one.attr in ("resource", "sides", "topics")
        if ast.unparse(one.value) == "look"
    }
    declared = {part.__name__ for part in check.reads}
    assert asked <= declared
    # What is read first for the sake of order is asked for by another part.
    assert declared - asked <= {"translated", "committed"}


def test_what_is_read_follows_from_the_names() -> None:
    assert reads_of(["tail-matches"]) == {tails}
    assert reads_of(NAMES) == {part for one in CHECKS for part in one.reads}


def test_the_help_names_every_check_in_order() -> None:
    shown = (
        CliRunner().invoke(build(MODULE), ["verify", "--help"], env={"COLUMNS": "500", "TERM": "dumb"}).output
    )
    assert ", ".join(NAMES) in " ".join(re.sub(r"[│\n]", " ", shown).split())


def test_the_markdown_shows_each_statement() -> None:
    results = tuple(CheckResult.of(name, "s", []) for name in NAMES)
    text = markdown(Report("m", "east", "west", datetime(2026, 11, 23, tzinfo=UTC), 1.0, results))
    assert re.findall(r"^\| ✅ \| `(.*?)` \| (.*?) \|", text, re.MULTILINE) == [
        (one.name, one.statement) for one in CHECKS
    ]


def test_the_table_of_the_documentation_is_the_register() -> None:
    text = (CHECKOUT / "docs" / "verification.md").read_text().split("## ")[0]
    rows = re.findall(r"^\| ([a-z][a-z-]+) \| (.*?) \| .* \|$", text, re.MULTILINE)
    assert [row for row in rows if row[0] != "check"] == [(one.name, one.statement) for one in CHECKS]
