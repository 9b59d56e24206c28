"""Other people's samplers, each by its framework's own public call; importing a module here imports no framework.

One file a framework, named by an entry point in pyproject.toml.
"""
