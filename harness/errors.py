"""Three kinds of trouble are told apart: the user's (fix the input), the sampler's (recorded), and the disk's (told)."""


class UsageError(ValueError):
    """Input that cannot be used; the message is one sentence that says what was wrong, with the value, and what to do."""


class StorageError(RuntimeError):
    """A folder cannot be written any more, though it could be when the run began; what was found can still be told."""


class SamplerFault(RuntimeError):
    """What a sampler did that is not a draw: raised, returned another shape or type, hung, or killed its process."""


class Expired(SamplerFault):
    """The time of all that a limit stands over is up: it goes past whatever takes a fault for that of a single call."""
