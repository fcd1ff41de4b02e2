"""Says how a stack file names a source outside Kubernetes."""

from __future__ import annotations

import os

from rich.console import Console

from lab.layout import Lab
from lab.outside.source import Source


def tell(source: Source, lab: Lab, console: Console) -> None:
    """Print the section `source` of a stack file, and the commands that put the credentials into it."""
    where = os.path.relpath(lab.region(source.name))
    login = "scram-sha-512   # or scram-sha-256, plain" if source.password else "tls"
    secrets = {"ca": "pki/cluster-ca.crt"}
    if source.password:
        secrets["password"] = "password"  # noqa: S105 - a file name
    else:
        secrets |= {"certificate": f"pki/{source.user}.crt", "key": f"pki/{source.user}.key"}
    lines = [
        f"{source.name} serves topic {source.topic}. In a stack file:",
        "  region-mirror:source:",
        f"    alias: {source.name}",
        f"    bootstrap_servers: {source.bootstrap_servers}",
        f"    authentication: {login}",
        f"    user: {source.user}",
        "and its credentials, encrypted:",
        *(
            f"  pulumi config set --secret --path region-mirror:source.credentials.{key} < {where}/{file}"
            for key, file in secrets.items()
        ),
    ]
    console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
