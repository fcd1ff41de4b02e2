"""What can go wrong with the lab, told to people."""


class LabError(Exception):
    """The lab cannot do what was asked; the message, for people, says what happened and the way out."""
