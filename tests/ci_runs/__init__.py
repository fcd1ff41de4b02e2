"""The printed pipelines, run for real by act and gitlab-ci-local (`make ci-runs`)."""
