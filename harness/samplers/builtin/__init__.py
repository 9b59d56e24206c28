"""The built-in samplers: importing this package registers each of them."""

from harness.samplers.builtin import direct, gumbel_max, rankings, relaxed, top_down

__all__ = ["direct", "gumbel_max", "rankings", "relaxed", "top_down"]
