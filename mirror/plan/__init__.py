"""Effects of a change of the stack file: the deployed resources compared with the declared ones.

Only `reading` talks to clusters; everything else is pure.
"""
