"""The lab: two real regions on this machine."""
