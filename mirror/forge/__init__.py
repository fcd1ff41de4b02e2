"""Comments on pull requests at GitHub and GitLab: one for each stack, edited in place."""
