"""Pipelines for a project's stacks: which stacks a change concerns, and workflows for GitHub and GitLab."""
