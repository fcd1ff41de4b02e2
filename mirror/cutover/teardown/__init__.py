"""The teardown: reasons why a mirror must not be destroyed yet."""
