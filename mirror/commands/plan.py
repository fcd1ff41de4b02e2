"""`python -m mirror plan`: the changes that deploying a stack file would make."""

from __future__ import annotations

from mirror.commands.answers import (
    Answers,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    progress_console,
)
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.estate.all_mirrors import read_estates
from mirror.estate.connection import one_login_each
from mirror.plan.reading import read_plans
from mirror.plan.render import markdown, render
from mirror.text.busy import Busy

EPILOG = (
    "Exit codes: 0 planned, 2 the stack file or a region could not be read, or the command line is wrong."
)


def plan(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what deploying the stack file would change: topics and groups that are added or removed, users
    and permissions that are created or deleted, new credentials, restarts, and changes that are refused.

    Compares the stack file with the resources in the target's Kubernetes, and asks the source's Kafka, for
    5 seconds at most, which topics and groups the patterns match. It changes nothing and prints no secret.

      python -m mirror plan --stack lab
      python -m mirror plan --stack prod-west --markdown | gh pr comment -F -
    """
    answers = Answers.of(output, as_json, as_markdown)
    chosen = choose(stack, config_file, mirror)
    everything = choose(stack, config_file).mirrors
    known = [one.mirror.name for one in everything]
    with Busy(progress_console(quiet), "reading both regions ..."), one_login_each():
        estates = read_estates(chosen.mirrors, chosen.root, chosen.owner)
        mirrors = list(zip(chosen.mirrors, estates, strict=True))
        plans = read_plans(mirrors, chosen.root, known, chosen.owner)
    for one in plans:
        answers.show(one, alone=len(plans) == 1, markdown=markdown, render=render)
