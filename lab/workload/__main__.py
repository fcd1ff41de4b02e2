"""`python -m lab.workload`: seed and run production, or do one thing by hand. Exit code 2: could not run."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence

from confluent_kafka import Message

from lab.layout import REGIONS, Lab
from lab.workload import by_hand, installation
from lab.workload.connection import SOURCE, Cluster, connect
from lab.workload.consume import consume
from lab.workload.produce import RATE, produce
from lab.workload.resumption import resume
from lab.workload.roster import SEED
from lab.workload.running import Stopping, end_now
from lab.workload.seed import seed
from mirror.problems import CouldNotRun

SHOWN_CHARACTERS = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        _run(chosen)
    except CouldNotRun as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0  # `watch | head`
    return 0


def _run(chosen: argparse.Namespace) -> None:
    lab = Lab.find()
    if chosen.command == "install":
        print(installation.install(lab, say=print))
        return
    if chosen.command == "uninstall":
        installation.uninstall(lab)
        return
    cluster = connect(lab, chosen.region)
    match chosen.command:
        case "seed":
            print(seed(cluster, chosen.seed, say=print))
        case "produce":
            produce(cluster, chosen.rate)
            end_now(0)
        case "consume":
            consume(cluster)
            end_now(0)
        case "send":
            print(by_hand.send(cluster, chosen.topic, chosen.key, _value(chosen), user=chosen.user))
        case "watch":
            _watch(cluster, chosen)
        case "resume":
            print(resume(cluster, chosen.group, chosen.topic, chosen.max, user=chosen.user))


def _value(chosen: argparse.Namespace) -> str | None:
    return None if chosen.tombstone else str(chosen.value)


def _watch(cluster: Cluster, chosen: argparse.Namespace) -> None:
    stopping = Stopping().listen()
    if chosen.seconds is not None:
        timer = threading.Timer(chosen.seconds, stopping.set)
        timer.daemon = True
        timer.start()
    seen = 0
    messages = by_hand.watch(
        cluster,
        chosen.topic,
        user=chosen.user,
        from_beginning=chosen.from_beginning,
        stopping=stopping,
        ready=lambda: print(f"watching {chosen.topic} in {cluster.region}", file=sys.stderr, flush=True),
    )
    for message in messages:
        if chosen.key is not None and message.key() != chosen.key.encode():
            continue
        print(_shown(message), flush=True)
        seen += 1
        if seen == chosen.max:
            break


def _shown(message: Message) -> str:
    key, value = _text(message.key()), _text(message.value())
    short = (
        value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}… ({len(value)} characters)"
    )
    return f"{message.topic()}[{message.partition()}]@{message.offset()}  {key}  {short}"


def _text(data: bytes | str | None) -> str:
    if data is None:
        return "(null)"
    return data if isinstance(data, str) else data.decode(errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab.workload", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, explained: str, region: str | None = SOURCE) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=explained, description=explained)
        if region is not None:
            added.add_argument("--region", choices=REGIONS, default=region, help=f"default {region}")
        return added

    command(
        "install", "users, topics, history, groups and the running processes, in region east", region=None
    )
    command("uninstall", "stop the running processes; the data stays", region=None)
    seeding = command("seed", "write the history and the groups' positions; what is there stays")
    seeding.add_argument("--seed", type=int, default=SEED, help="another number is another production")
    producing = command("produce", "keep producing until SIGTERM")
    producing.add_argument(
        "--rate", type=_rate, default=RATE, help=f"records a second in total, default {RATE:g}"
    )
    command("consume", "keep the groups near the tip running until SIGTERM")

    sending = command("send", "produce one record as the topic's own producer")
    sending.add_argument("--topic", required=True)
    sending.add_argument("--key")
    value = sending.add_mutually_exclusive_group(required=True)
    value.add_argument("--value")
    value.add_argument(
        "--tombstone", action="store_true", help="no value: deletes the key of a compacted topic"
    )

    watching = command(
        "watch", "print records as they appear, read as the topic's own consumer", region="west"
    )
    watching.add_argument("--topic", required=True)
    watching.add_argument("--key", help="only records with this key")
    watching.add_argument("--max", type=_positive, help="end after so many records")
    watching.add_argument("--seconds", type=_rate, help="end after so many seconds")
    watching.add_argument("--from-beginning", action="store_true")

    resuming = command("resume", "let a consumer group go on where it stands, as its own user", region="west")
    resuming.add_argument("--group", required=True)
    resuming.add_argument("--topic", help="default: the group's topic of the workload")
    resuming.add_argument(
        "--max", type=_positive, help="read at most so many records, default: all there are"
    )
    for by_hand_command in (sending, watching, resuming):
        by_hand_command.add_argument("--user", help="KafkaUser to log in as, default: the workload's own")
    return parser


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number


def _rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 (10000 at most)")
    return number


if __name__ == "__main__":
    sys.exit(main())
