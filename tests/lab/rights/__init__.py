"""Each right of the mirror's users, taken away alone: what breaks, and that giving it back mends it.

`table` says for every right what it is for and what breaks; the tests hold each of its lines on real
clusters. The mirrors here are the tests' own: real Connect workers with the configuration that
`manifests` renders, users with the ACLs that `settings.acls` gives, minus one.
"""
