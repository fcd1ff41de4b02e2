"""What the lab tests share: one lab a run, stacks in projects of their own, and waits with a deadline."""
