"""`python -m mirror plan`: what deploying a stack file would mean."""

from __future__ import annotations

from rich.console import Console

from mirror.commands.answers import Answers, JsonOption, MarkdownOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.estate.all_mirrors import read_estates
from mirror.plan.reading import read_plans
from mirror.plan.render import markdown, render

EPILOG = "Exit codes: 0 planned, 2 the stack file or a region could not be read."


def plan(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Say what a change of the stack file means: which topics and groups enter or leave, which users and
    rights appear or go, whose credentials change, what is restarted, what is refused.

    Compares the stack file with what the target's Kubernetes has now, and asks the source's Kafka what the
    patterns match, for 5 seconds at most. It changes nothing, and prints no secret.

      python -m mirror plan --stack lab
      python -m mirror plan --stack prod-west --markdown | gh pr comment --body-file -
    """
    answers = Answers(as_json, as_markdown)
    chosen = choose(stack, config_file, mirror)
    everything = choose(stack, config_file).mirrors
    known = [one.mirror.name for one in everything]
    with Console(stderr=True).status("looking at both regions ..."):
        estates = read_estates(chosen.mirrors, chosen.root)
        plans = read_plans(list(zip(chosen.mirrors, estates, strict=True)), chosen.root, known)
    for one in plans:
        answers.show(one, alone=len(plans) == 1, markdown=markdown, render=render)
