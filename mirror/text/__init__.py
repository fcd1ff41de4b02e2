"""Text for people: tables, Markdown cells, durations, numbers, reasons of failures."""
