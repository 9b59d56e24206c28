"""A sample of mutants depends on the seed and the tree alone: a place is drawn, then one of its changes.

Changes are those of Cosmic Ray [1] that keep the type of what they change: shifts of floats and the like fail wherever
they run and would flatter the share. Annotations and docstrings are never executed and not changed.

[1] https://cosmic-ray.readthedocs.io, operators of cosmic_ray.operators.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOMS = ("harness/laws", "suites/evidence", "suites/claims", "harness/methods", "harness/samplers")
ARITHMETIC = {"Add", "Sub", "Mul", "Div", "Pow"}
BITS = {"BitAnd", "BitOr", "BitXor"}
PACKAGES = ("jax", "llama_cpp", "mlx", "mlx_lm", "numpyro", "pyro", "tensorflow", "torch", "transformers", "vllm")
NEEDS = {
    **{f"harness/samplers/frameworks/{name}.py": name for name in PACKAGES},
    "harness/samplers/frameworks/tiny_llama.py": "torch",
    "suites/claims/trick/jax.py": "jax",
}
"""Modules that run only where a package is installed."""


@dataclass(frozen=True)
class Mutant:
    """One change of one file: an operator of Cosmic Ray at its so-manieth place, and the line before and after."""

    path: str
    operator: str
    occurrence: int
    line: int
    before: str
    after: str

    def source(self, root: Path) -> str:
        """Return the changed file."""
        made = mutate_code((root / self.path).read_text(), get_operator(self.operator)(), self.occurrence)
        assert made is not None
        return str(made)


def files(root: Path) -> list[str]:
    """Return the modules of the rooms whose packages are installed."""
    found = (path.relative_to(root).as_posix() for room in ROOMS for path in (root / room).rglob("*.py"))
    return sorted(path for path in found if path not in NEEDS or find_spec(NEEDS[path]))


def sample(root: Path, seed: int, size: int) -> list[Mutant]:
    """Return ``size`` distinct mutants, or all that there are."""
    rng = random.Random(seed)
    places = sorted((path, *place) for path in files(root) for place in _places((root / path).read_text()))
    changes: dict[tuple[str, int, int], list[tuple[str, int]]] = {}
    for path, line, column, operator, occurrence in places:
        changes.setdefault((path, line, column), []).append((operator, occurrence))
    order = sorted(changes)
    rng.shuffle(order)
    made: list[Mutant] = []
    for path, line, column in order:
        text = (root / path).read_text()
        options = sorted(changes[path, line, column])
        rng.shuffle(options)
        for operator, occurrence in options:
            if (mutant := _mutant(path, text, operator, occurrence)) is not None:
                made.append(mutant)
                break
        if len(made) == size:
            break
    return made


def _places(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Yield line, column, operator and occurrence of every change."""
    tree = get_ast(text)
    for name in filter(_kept, operator_names()):
        operator, occurrence = get_operator(name)(), 0
        for node in ast_nodes(tree):
            for start, _ in operator.mutation_positions(node):
                yield *start, name, occurrence
                occurrence += 1


def _kept(name: str) -> bool:
    kind = name.removeprefix("core/")
    if kind.startswith("ReplaceBinaryOperator_"):
        pair = set(kind.split("_")[1:])
        return pair <= ARITHMETIC or pair <= BITS or pair == {"Mod", "FloorDiv"} or pair == {"FloorDiv", "Mul"}
    if kind.startswith("ReplaceComparisonOperator_"):
        pair = set(kind.split("_")[1:])
        return pair == {"Is", "IsNot"} or not pair & {"Is", "IsNot"}
    if kind.startswith("ReplaceUnaryOperator_"):
        return kind.split("_")[1:] in (["Delete", "Not"], ["Delete", "USub"], ["Delete", "Invert"], ["USub", "UAdd"])
    return kind not in ("VariableInserter", "VariableReplacer")


def _mutant(path: str, text: str, operator: str, occurrence: int) -> Mutant | None:
    """Return the mutant, None if nothing that is executed differs or it is no Python."""
    made = mutate_code(text, get_operator(operator)(), occurrence)
    try:
        if made is None or _executed(made) == _executed(text):
            return None
    except SyntaxError:
        return None
    old, new = text.splitlines(), made.splitlines()
    at = next(i for i, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    return Mutant(path, operator, occurrence, at + 1, old[at].strip(), new[at].strip() if at < len(new) else "")


class _Bare(ast.NodeTransformer):
    """Drop annotations, docstrings, and ``strict=`` and ``copy=``, which change no number of what is right."""

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return self.generic_visit(node) if node.arg not in ("strict", "copy") else ast.keyword("", ast.Constant(None))

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return ast.Pass() if isinstance(node.value, ast.Constant) else self.generic_visit(node)


def _executed(text: str) -> str:
    return ast.dump(_Bare().visit(ast.parse(text)))
