"""The environment in which `pulumi` works on the lab."""

import os
import shlex
import sys

from lab.layout import LAB_VARIABLE, Lab
from lab.toolchain import Toolchain


def pulumi_environment(lab: Lab) -> dict[str, str]:
    """The variables to add to one's own: state and passphrase in the lab's folder, the toolchain on PATH."""
    return {
        "REGION_MIRROR_DRILL_LOAD": shlex.join([sys.executable, "-m", "lab.drill"]),
        "REGION_MIRROR_DRILL_OUTAGE": shlex.join([sys.executable, "-m", "lab.drill.outage"]),
        **Toolchain.load().environment({"PATH": os.environ.get("PATH", os.defpath)}),
        LAB_VARIABLE: str(lab.root),
        "PULUMI_BACKEND_URL": f"file://{lab.pulumi}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(lab.passphrase),
    }


def export_lines(lab: Lab) -> str:
    """Lines for `eval` in a POSIX shell."""
    variables = pulumi_environment(lab)
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))
