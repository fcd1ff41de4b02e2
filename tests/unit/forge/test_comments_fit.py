"""A comment has at most the forge's length, is whole Markdown wherever it was cut, and shows foreign text as
text.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mirror.forge.body import body, summary, whole
from mirror.forge.mark import Mark, marked
from mirror.forge.report import Part, StackReport, read_report
from mirror.forge.shorten import fenced, shorten, size
from mirror.problems import CouldNotRun
from tests.unit.forge.made_up import report

MARK = Mark("region-mirror", "prod-west", "b" * 40, 42)
LINK = "https://forge.example/runs/42"


def made(found: StackReport, limit: int = 65_536) -> str:
    return body(found, MARK, link=LINK, head="b" * 40, limit=limit)


def balanced(markdown: str) -> bool:
    """Whether a paragraph that follows is outside every code block and <details>."""
    html = MarkdownIt("commonmark").render(markdown + "\n\nAFTER **it**\n")
    return "<p>AFTER <strong>it</strong></p>" in html and markdown.count("<details") == markdown.count(
        "</details>"
    )


def test_a_short_report_is_whole() -> None:
    text = made(report())
    assert marked(text) == MARK
    assert "Shortened" not in text
    assert "`+` invoices" in text
    assert "    + 2 to create" in text
    assert balanced(text)


@pytest.mark.parametrize("limit", [1_000, 2_000, 10_000, 65_536])
def test_a_long_report_is_cut(limit: int) -> None:
    found = report(
        plan="### Mirror\n\n" + "".join(f"- topic-{n}\n" for n in range(20_000)),
        preview="\n".join(f"+ kubernetes:Secret {n} 🚀" for n in range(20_000)),
    )
    text = made(found, limit)
    assert size(text) <= limit
    assert balanced(text)
    assert f"[The whole report]({LINK})" in text or limit == 1_000
    assert "Plan: passed" in text or "**Plan**: passed" in text
    assert "pulumi preview</code>" in text


def test_a_short_plan_leaves_its_room_to_the_preview() -> None:
    text = made(report(preview="\n".join(f"line {n}" for n in range(20_000))))
    assert size(text) > 60_000
    assert "invoices" in text


@given(st.text(alphabet=st.sampled_from("a`~<>/\n -|details🚀"), max_size=400), st.integers(0, 300))
def test_whatever_is_cut_fits(text: str, limit: int) -> None:
    assert size(shorten(text, limit, "*Shortened*")) <= max(limit, 0)


@given(st.integers(60, 900))
def test_a_cut_closes_what_it_leaves_open(limit: int) -> None:
    text = (
        "# a\n\n<details>\n<summary>x</summary>\n\n```text\n" + "line\n" * 200 + "```\n\n</details>\n\nend\n"
    )
    found = shorten(text, limit, "*Shortened*")
    assert size(found) <= limit
    assert balanced(found)


@given(st.text(max_size=200))
def test_no_output_ends_its_code_block(text: str) -> None:
    assert balanced(fenced(text))


HOSTILE = "```\n</details>\n@team #1 <img src=x> [a](http://e.example)\n<!-- region-mirror:comment"


def test_output_of_a_program_stays_text() -> None:
    text = made(report(preview=HOSTILE))
    html = MarkdownIt("commonmark").render(text)
    assert "<img" not in html
    assert 'href="http://e.example"' not in html
    assert "&lt;/details&gt;" in html


def test_a_failure_is_on_top_and_open() -> None:
    text = made(report(preview="error: no", code=255))
    assert "## Stack `prod-west`: **failed**" in text
    assert "failed (exit code 255)" in text
    assert "<details open>" in text


def test_a_command_that_did_not_end_has_failed() -> None:
    found = StackReport("prod-west", (Part("plan", "x", True, 0), Part("preview", "", False, None)))
    assert not found.passed
    assert "did not end" in made(found)


def test_a_plan_that_cannot_decrypt_decides_nothing() -> None:
    """Only Pulumi decrypts a stack's secrets; its preview has the same plan in short."""
    found = StackReport(
        "prod-west", (Part("plan", "could not run: x", False, 2), Part("preview", "", False, 0))
    )
    assert found.passed
    assert "Plan: failed (exit code 2)" in made(found)


def test_a_plan_alone_proves_nothing() -> None:
    assert not StackReport("prod-west", (Part("plan", "x", True, 0),)).passed


def test_the_summary_is_whole() -> None:
    found = report(preview="\n".join(f"line {n}" for n in range(20_000)))
    assert "line 19999" in whole(found)


@pytest.mark.parametrize("name", ["a b", "a-->", "a\nb", ""])
def test_a_mark_holds_names_only(name: str) -> None:
    with pytest.raises(ValueError, match="not a project"):
        str(Mark("p", name, "b" * 40, 1))


def test_rendered_files_that_differ_are_no_failure() -> None:
    policy = Part("policy", "x", True, 0)
    found = StackReport("prod-west", (policy, Part("render", "### x", True, 1)))
    assert found.passed
    assert "Rendered manifests: files differ" in made(found)
    assert "failed (exit code 2)" in made(StackReport("prod-west", (policy, Part("render", "", False, 2))))
    assert not StackReport("prod-west", (Part("policy", "x", True, 1),)).passed


def test_the_reason_of_a_failure_is_shown_beside_what_was_printed_before(tmp_path: Path) -> None:
    """The Markdown of the first mirror hid why the second one could not be read."""
    folder = tmp_path / "prod-west"
    folder.mkdir()
    (folder / "changed-by.md").write_text("### Changes outside Pulumi to mirror `east-to-west`\n\nNone.\n")
    (folder / "changed-by.txt").write_text("could not run: reading Kubernetes west: refused (403)\n")
    (folder / "changed-by.exit").write_text("2\n")
    (folder / "verify.md").write_text("proven\n")
    (folder / "verify.txt").write_text("a note\n")
    (folder / "verify.exit").write_text("0\n")
    shown = whole(read_report(tmp_path, "prod-west"))
    assert "refused (403)" in shown
    assert "None." in shown
    assert "a note" not in shown


@pytest.mark.parametrize("link", ["reports", "reports/prod-west", "reports/prod-west/plan.md"])
def test_no_report_is_read_through_a_link(tmp_path: Path, link: str) -> None:
    """The job that comments has a token, and reads what the code of a pull request has written."""
    secret = tmp_path / "secret" / "prod-west" / "plan.md"
    secret.parent.mkdir(parents=True)
    secret.write_text("GITLAB_TOKEN=glpat-made-up")
    path = tmp_path / link
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / "secret" / link.removeprefix("reports").lstrip("/"))
    with pytest.raises(CouldNotRun, match="is a symbolic link"):
        read_report(tmp_path / "reports", "prod-west")


def test_no_report_waits_for_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "prod-west").mkdir()
    os.mkfifo(tmp_path / "prod-west" / "plan.md")
    with pytest.raises(CouldNotRun, match="not a regular file"):
        read_report(tmp_path, "prod-west")


def test_a_tab_in_a_programs_output_becomes_spaces() -> None:
    assert fenced("error:\n\t* a conflict\n") == "```text\nerror:\n    * a conflict\n```"


@pytest.mark.parametrize(
    ("code", "kept", "cut"), [(0, "line 0\n", "line 9999"), (255, "line 9999", "line 0\n")]
)
def test_of_a_long_output_the_end_is_kept_if_the_program_failed(code: int, kept: str, cut: str) -> None:
    output = "".join(f"line {number}\n" for number in range(10_000))
    text = made(report(preview=output, code=code), limit=20_000)
    assert kept in text
    assert cut not in text
    assert balanced(text)


DIFF = "\n".join(f"    + kubernetes:core/v1:Secret: (create) {number}" for number in range(20_000))
NOT_PROVEN = "error: MirrorNotProvenError: east -> west is deployed but not proven\n  FAILED  lag: behind"


def failed(text: str) -> StackReport:
    return StackReport("prod-west", (Part("up", text, False, 255),))


def test_the_errors_of_a_failed_command_are_before_its_output() -> None:
    text = summary(failed(f"{DIFF[:5_000]}\n\n{NOT_PROVEN}\n"))
    first, _, rest = text.partition("The whole output")
    assert NOT_PROVEN in first
    assert "(create)" not in first
    assert "(create) 1\n" in rest
    assert balanced(text)


def test_a_summary_that_is_cut_still_has_the_errors() -> None:
    text = summary(failed(f"{DIFF}\n\n{NOT_PROVEN}\n"))
    assert NOT_PROVEN in text
    assert "Shortened" in text
    assert balanced(text)


def test_a_comment_that_is_cut_has_the_first_error() -> None:
    errors = NOT_PROVEN + "\n" + "\n".join(f"  FAILED {number}" for number in range(20_000))
    text = made(failed(f"{DIFF}\n\n{errors}\n"))
    assert NOT_PROVEN in text
    assert "(create)" not in text
    assert size(text) <= 65_536
    assert balanced(text)


def test_a_short_output_is_shown_as_it_is() -> None:
    text = summary(failed("Updating\nerror: refused\n"))
    assert text.count("error: refused") == 1
    assert "The whole output" not in text
