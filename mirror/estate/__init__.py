"""What must be known of both sides before anything is declared."""

from mirror.estate.connection import connect
from mirror.estate.credential_rules import judge_password
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate

__all__ = ["EstateError", "connect", "judge_password", "read_estate"]
