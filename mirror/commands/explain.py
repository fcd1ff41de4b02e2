"""`python -m mirror explain`: every property of a mirror with Kafka's default and the reason."""

from __future__ import annotations

from mirror.commands.answers import Answers, JsonOption, MarkdownOption, OutputOption, QuietOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.plan.explain.render import markdown, render
from mirror.plan.explain.rows import explain_mirror

EPILOG = "Exit codes: 0 explained, 2 the stack file or the command line is wrong."


def explain(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Explain the value of every property of the workers and connectors: it comes from the profile, a
    setting, a rule that prevents the loss of records, or an override. Kafka's default is shown beside it.

    Reads only the stack file: it asks no cluster, and nothing has to be deployed.

      python -m mirror explain --stack lab
      python -m mirror explain --stack prod-west --markdown
    """
    answers = Answers.of(output, as_json, as_markdown)
    chosen = choose(stack, config_file, mirror)
    for settings in chosen.mirrors:
        found = explain_mirror(settings)
        answers.show(found, alone=len(chosen.mirrors) == 1, markdown=markdown, render=render)
