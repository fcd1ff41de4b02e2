"""The manifests of a stack as files, with or without the clusters, and their difference from earlier ones."""
