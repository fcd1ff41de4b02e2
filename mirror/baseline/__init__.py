"""What the source was when the mirror took its topics up: kept by the stack, read by source-unbroken."""
