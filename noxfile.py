#!/usr/bin/env -S uv run --script
# /// script
# dependencies = ["nox>=2025.2.9"]
# ///
"""Sessions: ``nox -l`` lists them. nox uses uv where it is installed and plain virtualenv otherwise."""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "tests"]
nox.options.error_on_missing_interpreters = True

FRAMEWORKS = "docs/field/versions.txt"
"""The versions that the reports speak of; not by uv, which reads no pip configuration: there a machine names its torch."""
PYPROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *groups: str) -> None:
    wanted = nox.project.dependency_groups(PYPROJECT, *groups) if groups else ()
    session.install("-e", ".", *wanted)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, types and spelling."""
    install(session, "lint", "test")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("codespell")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests that judge this project."""
    install(session, "test")
    session.run("pytest", "-n", "auto", "--dist", "worksteal", *session.posargs)


@nox.session
def signals(session: nox.Session) -> None:
    """Runs that are ended by signals at fifty random moments leave no process and are resumed to the same bytes."""
    install(session, "test")
    session.run("pytest", "tests/test_signals.py", "-n", "0", "-m", "dear or not dear", *session.posargs)


@nox.session
def campaign(session: nox.Session) -> None:
    """180 kinds of guests, 200 damaged folders, the same bytes in every environment and folder: see docs/reliability.md."""
    install(session, "test")
    session.install("hatchling")
    files = (f"tests/test_{name}.py" for name in ("rogues", "campaign", "the_28", "wheel", "dask"))
    session.run("pytest", *files, "-n", "0", "-m", "dear or not dear", *session.posargs)


@nox.session
def mutate(session: nox.Session) -> None:
    """Change 400 lines of a seeded sample, one at a time; list what neither claim nor test notices; on all cores, or
    ``-- --workers N``: about an hour of CPU."""
    install(session, "test")
    session.install("cosmic-ray>=8.4", "coverage>=7.6")
    session.run("python", "tests/mutation", *session.posargs)


@nox.session
def conventions(session: nox.Session) -> None:
    """Seven samplers under seven conventions, by the quick plan: verified under the own name, refuted under every other."""
    install(session, "test")
    session.run("pytest", "tests/test_conventions_quick.py", "-n", "auto", "-m", "dear", *session.posargs)


@nox.session
def suites(session: nox.Session) -> None:
    """The whole plan through pytest-xdist, one test a check."""
    install(session, "test")
    session.run("pytest", "suites/test_claims.py", "-n", "auto", "--dist", "loadgroup", *session.posargs)


@nox.session
def validate(session: nox.Session) -> None:
    """All claims and all built-in samplers in the quick profile, into build/run."""
    install(session)
    session.run("gumbel-harness", "validate", *session.posargs)


@nox.session
def selftest(session: nox.Session) -> None:
    """Controls, calibration, power and the rules of others in the quick form, into build/selftest."""
    install(session)
    session.run("gumbel-harness", "selftest", *session.posargs)


@nox.session
def full(session: nox.Session) -> None:
    """All claims, all built-in samplers and the whole selftest in the full profile, into build/full and full-selftest."""
    install(session)
    session.run("gumbel-harness", "validate", "--profile", "full", "--out", "build/full", *session.posargs)
    session.run("gumbel-harness", "selftest", "--profile", "full", "--out", "build/full-selftest", *session.posargs)


@nox.session(venv_backend="virtualenv")
def bench(session: nox.Session) -> None:
    """Throughput, memory and draws to a verdict beside NumPy's idioms and the frameworks, into build/bench."""
    session.install("-c", FRAMEWORKS, "-e", ".[bench,field]")
    session.run("gumbel-harness", "bench", *session.posargs)


@nox.session
def report(session: nox.Session) -> None:
    """Remake tables, figures and page of build/run, or of the folder that is given."""
    install(session)
    session.run("gumbel-harness", "report", *(session.posargs or ["build/run"]))


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation as a site, into build/docs: pages, API, and a gallery drawn from a run that is made for it."""
    install(session, "docs")
    run = "build/docs-run"
    session.run("gumbel-harness", "validate", "--keep-going", "--out", run, success_codes=[0, 3])
    session.run("python", "docs/gallery.py", run)
    session.run("sphinx-build", "-q", "-W", "--keep-going", "-b", "html", "docs", "build/docs", *session.posargs)
    session.run("python", "docs/links.py", "build/docs")


@nox.session
def screenshots(session: nox.Session) -> None:
    """Pictures of the page of build/run, or of the folder that is given, for the documentation; needs Chromium."""
    install(session)
    session.install("selenium>=4.30")
    session.run("python", "docs/screenshots.py", *(session.posargs or ["build/run"]))


@nox.session
def page(session: nox.Session) -> None:
    """The page in the system's Chromium: axe-core in both themes and at both widths, addresses, sorting."""
    install(session, "test")
    session.install("selenium>=4.30")
    session.install("--no-deps", "axe-playwright-python>=0.1.8")  # for the script of axe-core that it carries
    session.run("pytest", "-m", "browser", "-n", "0", "-rs", "tests/test_page_browser.py", *session.posargs)


@nox.session(venv_backend="virtualenv")
def field(session: nox.Session) -> None:
    """All installed frameworks' samplers, by a second seed where not verified; remakes the tables of docs/field."""
    session.install("-c", FRAMEWORKS, "-e", ".[field]", *nox.project.dependency_groups(PYPROJECT, "test"))
    session.run("python", "docs/field/make.py", *session.posargs)
    tests = ("tests/test_adapters_frameworks.py", "tests/test_adapters_engines.py", "tests/test_claims_autograd.py")
    session.run("pytest", "-m", "dear or not dear", *tests)
    interpreted = {"TRITON_INTERPRET": "1", "CUDA_VISIBLE_DEVICES": ""}  # vLLM's kernels where there is no device
    session.run("pytest", "-m", "dear", "-k", "of_vllm", "tests/test_adapters_engines.py", env=interpreted)


if __name__ == "__main__":
    nox.main()
