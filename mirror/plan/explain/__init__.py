"""Why every property of a mirror is what it is. Pure: settings in, rows out; nothing is read."""
