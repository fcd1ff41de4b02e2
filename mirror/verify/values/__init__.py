"""What the checks judge: one module for each kind of value, with the verdict over one of them. Pure."""
