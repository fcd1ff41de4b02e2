"""Options of the commands that move clients that several of them have, or that are long."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mirror.clients.admin_config import VARIABLE
from mirror.commands.answers import not_empty
from mirror.cutover.fence.acls import DELETE_UNRECORDED
from mirror.cutover.open import KUBECONFIG, TARGET_IS_LOST

MOST_LANES = 64
AdminOption = Annotated[
    Path | None,
    typer.Option(
        "--source-admin-config",
        metavar="FILE",
        help="librdkafka properties with the login of the source's administrator, one name=value a line. "
        f"Default: the properties in {VARIABLE} (nothing stores them). Needed for `cutover.fence: acls`.",
    ),
]
KubeconfigOption = Annotated[
    Path | None,
    typer.Option(
        "--source-kubeconfig",
        metavar="FILE",
        envvar=KUBECONFIG,
        help="Kubeconfig that may change the source's KafkaUsers, instead of that of the stack file.",
    ),
]
AcceptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-unfenced",
        metavar="USER",
        help="A user that cannot be fenced, and whose producers you stop yourself; repeatable.",
    ),
]
LeaveOutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--leave-out-group",
        metavar="GROUP",
        help="A consumer group whose offsets are not moved; repeatable.",
    ),
]
AbortOption = Annotated[
    list[str] | None,
    typer.Option(
        "--abort-transaction",
        metavar="ID",
        help="Transactional id: its transaction is aborted if it is open behind the fence, and its producer "
        "ends; repeatable. Needs --source-admin-config.",
    ),
]
UnrecordedOption = Annotated[
    bool,
    typer.Option(
        DELETE_UNRECORDED,
        help="With `cutover.fence: acls`, if the journal is lost: delete the DENY of Write for User:* on "
        "every mirrored topic, whoever has made it.",
    ),
]


LostOption = Annotated[
    bool,
    typer.Option(
        TARGET_IS_LOST,
        help="The target does not answer, and is given up with all that clients may have written there: only "
        "remove the fence from the source's KafkaUsers, so that producers may write again.",
    ),
]


def _lanes(given: object) -> int:
    """Read the number of lanes. With bounds in the option the help would be too narrow for other options."""
    text = str(given)
    if text.isdecimal() and 1 <= int(text) <= MOST_LANES:
        return int(text)
    raise typer.BadParameter(f"{text} is not a number from 1 to {MOST_LANES}.")


LanesOption = Annotated[
    int,
    typer.Option(
        "--lanes",
        parser=_lanes,
        metavar="N",
        help=f"Partitions that are read at the same time, 1 to {MOST_LANES}.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
UntilOption = Annotated[
    str,
    typer.Option(
        "--until", metavar="STEP", help="End after this step.", show_default=False, callback=not_empty
    ),
]
AliveOption = Annotated[
    bool,
    typer.Option(
        "--source-is-alive",
        help="Fail over although the source answers. Producers that still write to it then write records "
        "that the target never gets.",
    ),
]
UnconfirmedOption = Annotated[
    bool,
    typer.Option(
        "--accept-unconfirmed-stop",
        help="Go on although Connect does not confirm that the connectors are stopped: MM2's pods are gone, "
        "and you keep them from starting.",
    ),
]
UnreadOption = Annotated[
    bool,
    typer.Option(
        "--accept-unread-partitions",
        help="Go on although partitions of the target cannot be read, as without a leader: clients cannot "
        "use them either until they have one.",
    ),
]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Also write the report, the incident's document; .json, .md or .html.",
    ),
]
