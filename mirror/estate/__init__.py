"""What exists at the source and at the target: clusters, users, credentials.

`read_estate` reads it from both Kubernetes before Pulumi declares anything, and raises all problems together.
"""

from mirror.estate.connection import connect
from mirror.estate.credential_rules import judge_password
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate

__all__ = ["EstateError", "connect", "judge_password", "read_estate"]
