"""The command that repeats a run, a claim or one check with the same thresholds and draws, from the run's manifest."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Mapping
from typing import Any

from harness.options import PROFILES, Options


def command(manifest: Mapping[str, Any], *claims: str, check: str = "") -> str:
    """Return the command that runs the checks of these claims, or one check; without either the run's own selection."""
    words = ["gumbel-harness", "validate", *manifest.get("targets", [])]
    words += [word for claim in claims for word in ("--claim", claim)]
    words += ["--check", check] if check else []
    words += [] if claims or check else _selected(str(manifest.get("command", "")))
    return shlex.join([*words, *_options(manifest["options"])])


def _options(options: Mapping[str, Any]) -> list[str]:
    """Return the options that differ from the defaults, and always the seed."""
    default = Options()
    profile = options["profile"]
    words = ["--seed", str(options["seed"])]
    words += ["--profile", profile] if profile != default.profile else []
    words += ["--tolerance", repr(options["tolerance"])] if options["tolerance"] != PROFILES.get(profile) else []
    for name in ("alpha", "beta"):
        if options[name] != getattr(default, name):
            words += [f"--{name}", repr(options[name])]
    words += ["--keep-going"] if options.get("keep_going") else []
    return words


def _selected(words: str) -> list[str]:
    """Return what a command selected of the plan."""
    try:
        split = shlex.split(words)
    except ValueError:
        return []
    pairs = itertools.pairwise(split)
    return [word for pair in pairs if pair[0] in ("--suite", "--claim", "--check") for word in pair]
