"""All commands have the same options for the same things, with the same names and words."""

from __future__ import annotations

import pytest
from typer import Context
from typer.core import TyperCommand, TyperGroup, TyperOption

from mirror import cli
from mirror.cli import MODULE, SCRIPT, command_line, every_command, program_name

ROOT = command_line()
COMMANDS = {
    " ".join(words): command
    for words, command in every_command(ROOT)
    if not isinstance(command, TyperGroup) or command.invoke_without_command
}
NO_STACK = {
    "audit merge", "comment", "ci approved", "ci check", "ci concerned", "ci github", "ci gitlab",
    "ci newest", "ci summary", "drill report", "import", "stacks",
}  # fmt: skip
"""They read files, or all stacks; `import` makes a stack file."""
DOCUMENTS = {
    "audit job": "YAML for kubectl",
    "ci approved": "the approver's login",
    "ci newest": "the commit",
    "ci github": "YAML for GitHub",
    "ci gitlab": "YAML for GitLab",
    "ci summary": "Markdown for the summary of a run",
    "comment": "it comments, and reports what it did",
    "failover job": "YAML for kubectl",
    "exporter": "nothing on stdout: it serves Prometheus",
    "runbook": "a page of Markdown for the printer",
    "offsets apply": "it asks, and reports what it set",
    "offsets export": "CSV that people review and `offsets apply` reads",
    "reverse": "a stack file",
    "source-user": "YAML or shell commands for the source's administrator",
}
"""Commands whose output has one form only, and why."""
SELECTION = ("--stack", "--config-file", "--mirror")
RESULT = ("--output", "--json", "--markdown")


def options(command: TyperCommand | TyperGroup) -> dict[str, TyperOption]:
    return {
        name: parameter
        for parameter in command.params
        if isinstance(parameter, TyperOption)
        for name in parameter.opts
        if name.startswith("--")
    }


def face(option: TyperOption) -> tuple[object, ...]:
    """What a person sees of an option."""
    return tuple(option.opts), option.help, option.metavar, option.required


def test_the_commands_are_these() -> None:
    assert set(COMMANDS) == {
        "verify", "status", "exporter", "audit", "audit job", "audit merge", "explain", "plan", "render",
        "import", "clients", "source-user", "offsets export", "offsets apply", "cutover", "cutover status",
        "cutover rollback", "recover", "reverse", "reopen", "policy", "stacks", "failover", "failover status",
        "failover job", "failover rollback", "runbook", "drill canary", "drill cutover", "drill failover",
        "drill report",
        "comment", "ci approved", "ci changed-by", "ci check", "ci concerned", "ci github", "ci gitlab",
        "ci newest", "ci summary",
    }  # fmt: skip


def test_the_help_lists_them_in_the_order_of_their_use() -> None:
    assert ROOT.list_commands(Context(ROOT)) == list(cli.COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_quiet(name: str) -> None:
    assert options(COMMANDS[name])["--quiet"].opts == ["--quiet", "-q"]


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - NO_STACK))
def test_stacks_are_chosen_alike(name: str) -> None:
    found = options(COMMANDS[name])
    wanted = options(COMMANDS["verify"])
    for option in SELECTION:
        assert face(found[option]) == face(wanted[option])


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - set(DOCUMENTS)))
def test_results_have_three_forms(name: str) -> None:
    found = options(COMMANDS[name])
    wanted = options(COMMANDS["verify"])
    for option in RESULT:
        assert face(found[option]) == face(wanted[option])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_have_one_form(name: str) -> None:
    assert not set(RESULT) & set(options(COMMANDS[name]))


def test_one_short_option_means_one_thing() -> None:
    """`-w` is a time in seconds in both commands that have it: `verify --wait` and `status --watch`."""
    meant: dict[str, set[str]] = {}
    for command in COMMANDS.values():
        for long, option in options(command).items():
            for short in set(option.opts) - {long}:
                meant.setdefault(short, set()).add(long)
    assert {short: names for short, names in meant.items() if len(names) > 1} == {"-w": {"--wait", "--watch"}}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    for option in options(command).values():
        assert option.help, option.name
        assert option.help.rstrip()[-1] in ".:", option.help


def test_a_flag_looks_as_if_it_takes_no_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Typer writes `--dry-run <bool>`: `--dry-run true` is an unexpected argument."""
    monkeypatch.setattr("sys.argv", [SCRIPT, "cutover", "--help"])
    with pytest.raises(SystemExit):
        cli.main()
    printed = capsys.readouterr().out
    assert "--dry-run" in printed
    assert "<bool>" not in printed


@pytest.mark.parametrize("program", [MODULE, SCRIPT])
def test_examples_name_the_program_as_it_was_started(program: str) -> None:
    other = {MODULE: SCRIPT, SCRIPT: MODULE}[program]
    for words, command in every_command(command_line(program)):
        text = command.help or ""
        assert f"{other} {words[0]}" not in text
        if "--stack" in options(command):
            assert f"{program} {' '.join(words)}" in text


@pytest.mark.parametrize(
    ("started_as", "name"),
    [
        ("/usr/local/bin/region-mirror", SCRIPT),
        ("region-mirror.exe", SCRIPT),
        ("/app/mirror/__main__.py", MODULE),
        ("", MODULE),
    ],
)
def test_the_program_knows_its_name(started_as: str, name: str) -> None:
    assert program_name(started_as) == name


def test_only_the_script_completes_words() -> None:
    names = {program: set(options(command_line(program))) for program in (MODULE, SCRIPT)}
    assert names[SCRIPT] - names[MODULE] == {"--install-completion", "--show-completion"}


@pytest.mark.parametrize("program", [SCRIPT, MODULE])
def test_help_fits_80_columns_and_cuts_nothing(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words, command in every_command(command_line(program)):
        monkeypatch.setattr("sys.argv", [program, *words, "--help"])
        with pytest.raises(SystemExit):
            cli.main()
        printed = capsys.readouterr().out
        lines = [line.strip() for line in printed.splitlines()]
        assert lines
        assert not [line for line in printed.splitlines() if len(line.rstrip()) > 80]
        assert "\N{HORIZONTAL ELLIPSIS}" not in printed, f"a name is cut in the help of {words}"
        help_text = (command.help or "").splitlines()
        examples = [line.strip() for line in help_text if line.startswith(("  ", program))]
        assert not [one for one in examples if one not in lines], "an example is not one line"


def test_audit_without_its_libraries(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_numba(name: str) -> object:
        return None if name == "numba" else object()

    monkeypatch.setattr(cli, "find_spec", without_numba)
    monkeypatch.setattr("sys.argv", ["region-mirror", "audit", "--stack", "x", "--topic", "orders"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "could not run: auditing: numba is not installed\n"
        "  Way out: install region-mirror with its extra `audit`, in its checkout: pip install '.[audit]'\n"
    )
