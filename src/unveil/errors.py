"""Every error that Unveil raises on purpose: each message says what was expected, what came, and
the remedy."""


class UnveilError(Exception):
    """Base of all of them; its text is one line, fit to be shown to a user."""


class PictureError(UnveilError):
    """A picture cannot be read: missing, empty, truncated, not a picture, too large,
    unsupported."""


class OutputError(UnveilError):
    """A result cannot be written: no such folder, no permission, the file exists already."""


class MaskError(UnveilError):
    """A given mask does not fit its picture."""


class TemplateError(UnveilError):
    """A template cannot be read, made, or used with a picture."""


class ModelError(UnveilError):
    """A model is unknown, damaged, or does not have the inputs and outputs that its task needs."""


class UsageError(UnveilError):
    """A call or command contradicts itself or names something that does not exist."""
