"""Mutation testing of the code that decides (`make mutants`, docs/mutation.md)."""
