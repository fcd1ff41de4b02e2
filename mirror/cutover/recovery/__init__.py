"""After a failover: names the records of the source that never crossed, and writes them to the target."""
