"""One cheap, real question to each registry, through its ordinary client.

So everything counts that the client is configured with: mirrors, proxies, certificates, credentials. What the
client has in its cache already it need not ask for, which lets a set-up go on without a network when it can.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab.toolchain import go_build, maven
from lab.toolchain.host import Host
from lab.toolchain.jdk import choose

_TIMEOUT = 120.0  # seconds: Maven fetches its plugin for the question

_CAUSE = re.compile(
    r"refused|timed? ?out|unreachable|resol(?:ve|ution) .*(?:host|name)|no such host|unknown host"
    r"|certificate|x509|proxy error|unauthorized|forbidden|\b(?:401|403|407|50[0234])\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Question:
    """A command that succeeds when the client's registry answers."""

    client: str
    command: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]


def of_go(host: Host, root: Path, env: Mapping[str, str]) -> list[Question]:
    """Fetches one small module that the builds need. Nothing to ask without Go."""
    if not host.go:
        return []
    command = (str(host.go.command), "mod", "download", "k8s.io/utils")
    return [Question("Go", command, go_build.MODULES / "kubernetes", go_build.environment(env, root))]


def of_maven(host: Host, root: Path, env: Mapping[str, str]) -> list[Question]:
    """Fetches the plugin that the steps call. Nothing to ask without Maven or a JDK to run it."""
    jdk = choose(host.jdks)
    if not host.maven or not jdk:
        return []
    command = (str(host.maven), *maven.arguments(root), "-q", f"{maven.PLUGIN}:help")
    return [Question("Maven", command, maven.POM.parent, maven.environment(env, jdk))]


def of_pip(python: Path, requirement: str, env: Mapping[str, str]) -> list[Question]:
    """Looks one pinned requirement up, installing nothing; `python` is one that has pip."""
    command = (
        *(str(python), "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--ignore-installed"),
        *("--no-input", "--disable-pip-version-check", "--retries", "1", requirement),
    )
    return [Question("pip", command, python.parent, env)]


def ask(questions: Sequence[Question], timeout: float = _TIMEOUT) -> list[str | None]:
    """Asks all at once; for each None when it was answered, else the client's own words."""
    with ThreadPoolExecutor(max_workers=max(1, len(questions))) as pool:
        return list(pool.map(lambda question: _ask(question, timeout), questions))


def reason(output: str) -> str:
    """The line of a client's output that says most: a network's cause, else the first error, else the last.

    pip's own error line hides the cause, which stands in a warning before it.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    causes = [line for line in lines if _CAUSE.search(line)]
    errors = [line for line in lines if re.match(r"(\[?ERROR\]?|go: .*:)", line)]
    return (causes or errors or lines[-1:] or ["it failed without a word"])[0][:600]


def maven_version(command: Path, env: Mapping[str, str]) -> str | None:
    """The version that `mvn -v` prints, or None when it does not start."""
    result = subprocess.run([command, "-v"], env=dict(env), capture_output=True, text=True, check=False)
    found = re.search(r"Apache Maven (\d+\.\d+\.\d+)", result.stdout)
    return found.group(1) if found else None


def _ask(question: Question, timeout: float) -> str | None:
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            question.command,
            cwd=question.cwd,
            env=dict(question.env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        code = _wait(child, timeout)
        if code == 0:
            return None
        output.seek(0)
        text = output.read().decode(errors="replace")
        return reason(text) if code is not None else f"no answer within {timeout:.0f} s"


def _wait(child: subprocess.Popen[bytes], timeout: float) -> int | None:
    """The exit code, or None after ending the whole group when the time is over (or on Ctrl-C)."""
    try:
        return child.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
