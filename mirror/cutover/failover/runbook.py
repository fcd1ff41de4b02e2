"""One printable page for one mirror: what to type, what to see, and who decides. Pure.

It is printed on a good day and used on a bad one, when wiki and repository may be down. It holds names and
addresses, and no secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mirror import __version__
from mirror.clients.source_look import SOURCE_SECONDS
from mirror.cutover.failover.stop_mirror import STOP_SECONDS
from mirror.text.markdown import code, prose
from settings.markdown import table_row
from settings.model import Settings
from settings.names import Names

_UNREAD = "(not read: fill in)"
_LINE = "." * 24
"""Room to write by hand."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """What the deployed mirror says. Empty where it could not be read; `problem` says why."""

    source: str = ""
    target: str = ""
    target_kubernetes: str = ""
    clients: Mapping[str, str] = field(default_factory=dict)
    """Addresses on the target by copied user."""
    problem: str = ""


def runbook(settings: Settings, stack: str, addresses: Addresses, printed: datetime) -> str:
    """Return the page as Markdown. `stack`: the options that choose the mirror, as `--stack prod-west`."""
    names, mirror = Names.of(settings), settings.mirror.name
    source, target, namespace = settings.source.alias, settings.target.alias, settings.target.namespace
    kubectl = f"kubectl -n {namespace}"
    lines = [
        f"# {prose(target)} takes over for {prose(source)}: mirror {prose(mirror)}",
        "",
        f"Printed {printed:%Y-%m-%d %H:%M} UTC by region-mirror {__version__} for `{stack}`. Print it again "
        "after each change of the stack file. It holds no secret.",
        "",
        *_table(
            ("what", "where"),
            (
                (f"Kafka {source} (source)", addresses.source or _UNREAD),
                (f"Kafka {target} (target)", addresses.target or _UNREAD),
                (f"Kubernetes of {target}", addresses.target_kubernetes or _UNREAD),
                ("KafkaMirrorMaker2", f"{namespace}/{names.mirror}"),
                ("journal, lease", f"ConfigMap and Lease {namespace}/{names.cutover}"),
                ("last look at the source", f"ConfigMap {namespace}/{names.last_look}"),
                ("decides about a failover", f"name, phone: {_LINE}"),
                ("tells the application teams", f"name, phone: {_LINE}"),
            ),
        ),
        "## 1. Planned move, or disaster?",
        "",
        *_commands(
            (f"region-mirror failover {stack} --dry-run", "exit code 0: a failover is possible now"),
        ),
        f"- `look-at-source` says **healthy**: no failover. Move with `region-mirror cutover {stack}`, which "
        "loses nothing.",
        f"- It says **does not answer** (after {SOURCE_SECONDS:.0f} s at most): read the line `records:`. It "
        "says how many records would be missing, at most.",
        "- **Decision**: wait for the source, or accept these missing records? After `promote` there is no "
        f"way back. Decided by {_LINE} at ..:..",
        "",
        f"## 2. Fail over to {prose(target)}",
        "",
        *_commands(
            (
                f"region-mirror failover {stack} --report incident.html",
                "a check mark at each step. Consumers may start behind `place-groups`, producers behind "
                "`promote`; `confirm-stop` takes a minute",
            ),
            (f"region-mirror failover status {stack}", "every step `done`"),
        ),
        "- It stops: do what `Way out` says, then type **the same command again**. It waits "
        f"{STOP_SECONDS:.0f} s at most for the mirror's tasks.",
        "- The source comes back before `promote`: "
        f"`region-mirror failover rollback {stack}` starts the mirror again. Stop consumers that run on "
        f"{prose(target)} already.",
        "- Keep incident.html: it is the record of what is missing.",
        "",
        "## 3. Start the clients, consumers first",
        "",
        *_commands(
            (f"region-mirror clients {stack}", "each user with its address and Secret, and no problem"),
        ),
        *(
            _table(("user", f"address on {target}"), addresses.clients.items())
            if addresses.clients
            else ["No copied user was read: the addresses are those of the target's listeners.", ""]
        ),
        "## 4. Afterwards",
        "",
        "- Set `mirror.phase: promoted` in the stack file; `pulumi up`. Never start the "
        "mirror by hand: it would copy old records over new ones.",
        f"- Keep producers away from {prose(source)}. When it is back, do not empty it: the missing records "
        f"are there. `region-mirror recover {stack}` lists them.",
        "",
        "## Without region-mirror",
        "",
        "To keep the mirror from starting when the source returns:",
        "",
        *_commands(
            (
                f"{kubectl} get kafkamirrormaker2 {names.mirror} -o yaml",
                "`spec.mirrors`: sourceConnector, checkpointConnector",
            ),
            (
                f"{kubectl} edit kafkamirrormaker2 {names.mirror}",
                "set `state: stopped` for both connectors of every mirror",
            ),
            (
                f"{kubectl} get configmap {names.last_look} -o jsonpath='{{.data.about}}'",
                "one line: what the last look saw",
            ),
        ),
    ]
    if addresses.problem:
        lines += [f"Not read when this was printed: {prose(addresses.problem)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _commands(*rows: tuple[str, str]) -> list[str]:
    return _table(("type", "expect"), rows, code_first=True)


def _table(names: tuple[str, str], rows: Iterable[tuple[str, str]], *, code_first: bool = False) -> list[str]:
    lines = [table_row(names), table_row(("---", "---"))]
    for first, second in rows:
        lines.append(table_row((code(first) if code_first else prose(first), prose(second))))
    return [*lines, ""]
