"""`python -m mirror explain`: every property of a mirror, Kafka's default beside it, and the reason."""

from __future__ import annotations

from mirror.commands.answers import Answers, JsonOption, MarkdownOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.plan.explain.render import markdown, render
from mirror.plan.explain.rows import explain_mirror

EPILOG = "Exit codes: 0 explained, 2 the stack file cannot be used."


def explain(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Say why every property of the workers and connectors is what it is: the profile, a setting, a rule that
    keeps records from being lost, or an override. Kafka's own default stands beside it.

    Reads the stack file alone: no cluster is asked, and nothing needs to be deployed.

      python -m mirror explain --stack lab
      python -m mirror explain --stack prod-west --markdown
    """
    answers = Answers(as_json, as_markdown)
    chosen = choose(stack, config_file, mirror)
    for settings in chosen.mirrors:
        found = explain_mirror(settings)
        answers.show(found, alone=len(chosen.mirrors) == 1, markdown=markdown, render=render)
