"""Small Java programs against Kafka's own classes, from the jars of the lab's toolchain."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab.toolchain.toolchain import Toolchain

SECONDS = 300.0
HERE = Path(__file__).parent.parent


def compiled(program: str, folder: Path) -> str:
    """Compile tests/lab/<program>.java into `folder`; the class path that it runs on. For programs that
    stand in
    a package of Kafka's: a file that `java` compiles itself is loaded by another loader, and sees less.
    """
    tools = Toolchain.load()
    javac = Path(tools.java).with_name("javac")
    libraries = f"{tools.kafka_libs}/*"
    _run([str(javac), "-d", str(folder), "-cp", libraries, str(HERE / f"{program}.java")])
    return f"{folder}:{libraries}"


def answers(class_path: str, program: str, lines: list[str]) -> list[str]:
    """What the program says to these lines."""
    return _run(
        [str(Toolchain.load().java), "-cp", class_path, program], "\n".join(lines) + "\n"
    ).splitlines()


def script(program: str, lines: list[str]) -> list[str]:
    """The same for a program that is compiled when it runs."""
    tools = Toolchain.load()
    source = str(HERE / f"{program}.java")
    return _run(
        [str(tools.java), "-cp", f"{tools.kafka_libs}/*", source], "\n".join(lines) + "\n"
    ).splitlines()


def _run(command: list[str], text: str = "") -> str:
    ran = subprocess.run(command, input=text, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0, f"{command[-1]} ended with {ran.returncode}:\n{ran.stderr}"
    return ran.stdout
