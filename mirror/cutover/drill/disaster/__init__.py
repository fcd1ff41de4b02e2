"""The drill of the disaster: the source is killed under load, and production comes home again."""
