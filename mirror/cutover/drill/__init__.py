"""The drill: a cutover under a load that numbers every record, and the report of what became of them."""
