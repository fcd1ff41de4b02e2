"""The reason for the value of every property of a mirror. Pure: settings in, rows out."""
