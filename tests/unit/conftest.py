"""Unit tests see the environment of no person and no CI."""

from tests.clean_environment import clean_environment as clean_environment
