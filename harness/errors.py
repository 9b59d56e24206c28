"""Two kinds of trouble are told apart: the user's (fix the input) and the sampler's (recorded, the run goes on)."""


class UsageError(ValueError):
    """Input that cannot be used; the message is one sentence that says what was wrong, with the value, and what to do."""


class SamplerFault(RuntimeError):
    """What a sampler did that is not a draw: raised, returned another shape or type, hung, or killed its process."""
