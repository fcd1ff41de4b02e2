"""`python -m mirror clients`: how each copied user connects to the target."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.text import Text

from manifests.clients import CA_KEYS, Client
from mirror.commands.answers import Answers, JsonOption, MarkdownOption, OutputOption, QuietOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.estate.target_clients import TargetClients, read_clients
from mirror.exit_codes import FOUND
from mirror.text.markdown import prose
from mirror.text.numbers import counted
from mirror.text.tables import table

EPILOG = (
    "Exit codes: 0 each user has a listener, 1 a user has no listener that works, 2 it could not run. "
    "Reads the target's Kafka and KafkaUsers in Kubernetes, and no Secret. Whether the users can log in is "
    "for the check users-work."
)
_COLUMNS = ("user", "bootstrap.servers", "listener", "login", "trust", "credential")


def clients(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print for each copied user how it connects to the target: address, listener, mechanism, and the Secrets
    (with their keys) of the CA and of the credential. No value of a Secret is read.

      python -m mirror clients --stack prod-west
      python -m mirror clients --stack prod-west -o json
    """
    answers = Answers.of(output, as_json, as_markdown)
    chosen = choose(stack, config_file, mirror)
    work = True
    for settings in chosen.mirrors:
        found = read_clients(settings, chosen.root)
        work = work and found.work
        answers.show(found, alone=len(chosen.mirrors) == 1, markdown=markdown, render=render)
    if not work:
        raise typer.Exit(FOUND)


def render(found: TargetClients, console: Console) -> None:
    """Print the table, and the problems below it."""
    console.print(Text(_title(found), "bold"))
    if not found.clients:
        return
    shown = table()
    for name in _COLUMNS:
        shown.add_column(name, overflow="fold")
    for one in found.clients.values():
        shown.add_row(*(Text(value, "red" if one.problem else "") for value in _row(one)))
    console.print(shown)
    if told := _read_only(found):
        console.print(Text(told, "yellow"))
    for one in found.clients.values():
        if one.problem is not None:
            console.print(Text.assemble((f"user {one.user}: ", "bold red"), one.problem))
            console.print(Text(f"-> {one.remedy}", "cyan"))


def markdown(found: TargetClients) -> str:
    """The same as a Markdown table."""
    lines = [f"### {_title(found)}", ""]
    if found.clients:
        lines += [f"| {' | '.join(_COLUMNS)} |", "|" + " --- |" * len(_COLUMNS)]
    lines += [f"| {' | '.join(map(prose, _row(one)))} |" for one in found.clients.values()]
    problems = [one for one in found.clients.values() if one.problem is not None]
    lines.append("")
    if told := _read_only(found):
        lines.append(f"- {prose(told)}")
    lines += [f"- **{prose(one.user)}**: {prose(str(one.problem))}. {prose(one.remedy)}" for one in problems]
    return "\n".join(lines).rstrip() + "\n"


def _title(found: TargetClients) -> str:
    many = f"{len(found.clients)} copied users of mirror {found.mirror} on {found.target}"
    return many if found.clients else f"mirror {found.mirror} copies no users to {found.target}"


def _read_only(found: TargetClients) -> str:
    names = [name for name, one in found.clients.items() if one.read_only]
    if not names:
        return ""
    return (
        f"{counted(len(names), 'user')} may not write to mirrored topics of {found.target} before the "
        f"promotion (users.standby_writes: refuse): {', '.join(names)}"
    )


def _row(one: Client) -> tuple[str, ...]:
    trust = credential = ""
    if one.listener is not None:
        own = one.listener.own_certificate
        trust = f"the CA that signed {one.ca}" if own else f"{one.ca}: {CA_KEYS}"
    if one.secret is not None:
        credential = f"{one.secret}: {', '.join(one.keys)}"
    elif one.authentication == "tls-external":
        credential = "the client's own certificate"
    return (
        one.user,
        one.listener.bootstrap_servers if one.listener else "-",
        one.listener.name if one.listener else "-",
        one.mechanism or one.authentication,
        trust or "-",
        credential or "-",
    )
