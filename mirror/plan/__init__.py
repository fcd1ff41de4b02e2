"""What a change of the stack means: what is deployed now, compared with what the stack file says.

`reading` is the only part that asks anybody; the rest is pure.
"""
