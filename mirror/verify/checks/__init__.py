"""One module a check: a pure judgement over what was observed."""
