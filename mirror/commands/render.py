"""`python -m mirror render`: the manifests of a stack as files."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from manifests.rendered import SecretForm, Secrets, documents
from mirror.commands.answers import (
    Answers,
    Form,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    progress_console,
)
from mirror.commands.stack_files import (
    FileOption,
    MirrorOption,
    StackFile,
    StackOption,
    choose,
    read_stack,
    stack_file,
)
from mirror.exit_codes import FOUND
from mirror.problems import CouldNotRun
from mirror.rendering import difference, folder
from mirror.rendering.assumed import Given
from mirror.rendering.base import mirrors_at
from mirror.rendering.difference import Difference
from mirror.rendering.stack import Rendered, render_offline, render_online
from mirror.text.busy import Busy
from mirror.text.foreign import json_text
from mirror.text.markdown import code, prose
from mirror.text.numbers import counted
from settings.rules.kafka import bootstrap_servers

EPILOG = (
    "Exit codes: 0 rendered (with --diff: no difference), 1 with --diff: files differ, 2 the stack file, a "
    "region, the folder or the revision could not be read, or the command line is wrong."
)
NOTHING_GIVEN, PLACEHOLDERS = Given(), Secrets()
_STORE = re.compile(r"(ClusterSecretStore|SecretStore)/[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


def render(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory",
            "-d",
            metavar="DIR",
            help="Write the files there, and delete files of an earlier rendering that no object needs.",
        ),
    ] = None,
    secrets: Annotated[
        SecretForm,
        typer.Option(
            "--secrets",
            metavar="HOW",
            help="How Secrets are rendered: placeholder, external-secret (as ExternalSecrets) or sops (ready "
            "for sops).",
        ),
    ] = "placeholder",
    secret_store: Annotated[
        str,
        typer.Option(
            "--secret-store",
            metavar="KIND/NAME",
            help="Store of the ExternalSecrets: ClusterSecretStore/NAME or SecretStore/NAME. Default: the "
            "ClusterSecretStore region-mirror.",
            show_default=False,
        ),
    ] = "ClusterSecretStore/region-mirror",  # noqa: S107 - the name of a store
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", help="Read no cluster. What only a cluster knows is a placeholder or left out."
        ),
    ] = False,
    diff: Annotated[
        str,
        typer.Option(
            "--diff",
            metavar="BASE",
            help="Compare with a folder of rendered files, or, without a cluster, with the stack file at "
            "a git revision.",
            show_default=False,
        ),
    ] = "",
    source_bootstrap_servers: Annotated[
        str,
        typer.Option(
            "--source-bootstrap-servers",
            metavar="HOST:PORT",
            help="With --offline: the source's address, where the stack file has none.",
            show_default=False,
        ),
    ] = "",
    target_bootstrap_servers: Annotated[
        str,
        typer.Option(
            "--target-bootstrap-servers",
            metavar="HOST:PORT",
            help="With --offline: the target's address.",
            show_default=False,
        ),
    ] = "",
    strimzi_api: Annotated[
        Literal["v1", "v1beta2"] | None,
        typer.Option(
            "--strimzi-api",
            metavar="VERSION",
            help="With --offline: API version to render where target.api_version is auto: v1 or v1beta2. "
            "Default: v1.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Render the manifests that `pulumi up` would declare, for Argo CD, Flux, a Helm post-renderer or a
    review. The same input gives the same bytes. No secret is rendered, and nothing is changed in a cluster.

      python -m mirror render --stack prod-west --directory rendered/prod-west
      python -m mirror render --stack prod-west --secrets external-secret -d out
      python -m mirror render --stack prod-west --diff origin/main --markdown
    """
    answers = Answers.of(output, as_json, as_markdown)
    given = Given(
        _address("--source-bootstrap-servers", source_bootstrap_servers),
        _address("--target-bootstrap-servers", target_bootstrap_servers),
        strimzi_api,
    )
    if not _STORE.fullmatch(secret_store):
        way_out = "write ClusterSecretStore/NAME or SecretStore/NAME"
        raise CouldNotRun("reading the command line", f"--secret-store is {secret_store!r}", way_out)
    chosen = choose(stack, config_file, mirror)
    folders = len(choose(stack, config_file).mirrors) > 1
    within = f"{mirror}/" if mirror and folders else ""
    form = Secrets(secrets, secret_store)
    if diff and directory is not None:
        raise CouldNotRun("reading the command line", "--diff and --directory exclude each other", "drop one")
    file = stack_file(stack, config_file)
    if diff and not Path(diff).is_dir():
        _show_difference(since(diff, file, given, form, mirror), answers)
        return
    if offline:
        rendered = render_offline(chosen.mirrors, given, form, folders=folders)
    else:
        with Busy(progress_console(quiet), "reading both regions ..."):
            rendered = render_online(chosen.mirrors, chosen.root, chosen.owner, given, form, folders=folders)
    name = chosen.owner.stack if chosen.owner else file.path.name
    if not diff:
        if directory is not None:
            rendered = _write(rendered, directory, name, within, quiet)
        _show(rendered, answers, is_printed=directory is None)
        return
    before = folder.read(Path(diff), within)
    _show_difference(difference.compare(name, diff, before, rendered.files, rendered.notes), answers)


def since(
    revision: str,
    file: StackFile,
    given: Given = NOTHING_GIVEN,
    form: Secrets = PLACEHOLDERS,
    mirror: str = "",
) -> Difference:
    """Compare what a stack file renders to with what it rendered to at a git revision, without a cluster;
    all its mirrors, or one. Raises CouldNotRun.
    """
    now, earlier = read_stack(file), mirrors_at(revision, file.path, file.project, file.root)
    # A second mirror must not show every file of the first one as moved.
    folders = max(len(now.names), len(earlier)) > 1
    before, after = (
        render_offline(
            [one for one in mirrors if mirror in ("", one.mirror.name)], given, form, folders=folders
        )
        for mirrors in (earlier, now)
    )
    name = file.owner.stack if file.owner else file.path.name
    notes = (*difference.other_users(now, earlier), *after.notes)
    return difference.compare(name, revision, before.files, after.files, notes)


def _show_difference(found: Difference, answers: Answers) -> None:
    answers.show(found, alone=True, markdown=difference.markdown, render=difference.render)
    if found.files:
        raise typer.Exit(FOUND)


def _write(rendered: Rendered, directory: Path, stack: str, within: str, quiet: bool) -> Rendered:
    """Write the files; return the rendering with the notes about the folder."""
    done = folder.write(directory, stack, rendered.files, within)
    count = f"{counted(len(rendered.files), 'file')} in {directory}"
    progress_console(quiet).print(
        f"{count}: {len(done.written)} written, {len(done.deleted)} deleted, {len(done.kept)} kept"
    )
    return replace(rendered, notes=(*rendered.notes, *done.notes))


def _show(rendered: Rendered, answers: Answers, *, is_printed: bool) -> None:
    """Print the notes, and the files where they are not written to a folder."""
    if is_printed and answers.form is Form.TABLE:
        print("".join(documents(rendered.files)), end="")
    if answers.form is Form.JSON:
        print(json_text(rendered.to_json(), indent=2))
    elif answers.form is Form.MARKDOWN:
        print(_markdown(rendered), end="")
    else:
        for note in rendered.notes:
            progress_console(quiet=False).print(Text.assemble(("note: ", "yellow"), note), soft_wrap=True)


def _markdown(rendered: Rendered) -> str:
    lines = [*(f"- {code(name)}" for name in rendered.files), ""]
    lines += [f"- note: {prose(note)}" for note in rendered.notes]
    return "\n".join(lines).rstrip() + "\n"


def _address(option: str, given: str) -> str | None:
    if given and (broken := bootstrap_servers(given)):
        raise CouldNotRun("reading the command line", f"{option} {broken[0]}", broken[1])
    return given or None
