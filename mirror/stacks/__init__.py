"""All stacks of a project at once: what each declares, and what is deployed of it."""
