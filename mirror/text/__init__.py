"""Text for people: tables, Markdown cells, durations."""
