"""Consumer groups' offsets on the target: propose, show, apply safely."""
