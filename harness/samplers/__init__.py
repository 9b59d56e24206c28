"""Who draws: the registry and its targets; built-in samplers and those of frameworks are registered by entry points."""
