"""The house rules that no linter states: sizes, shared state, who may unpickle, what an import may load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ldm_nodes

PACKAGE = Path(ldm_nodes.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_FUNCTION = 60
MAX_FILE = 400
TABLES = {"config.py", "key_maps.py", "families.py"}
"""Files that are mostly names and numbers may be long."""


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for part in ast.walk(ast.parse(path.read_text())):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            yield part


def _code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_are_short() -> None:
    long = [
        f"{path.relative_to(PACKAGE)}:{function.lineno} {function.name}"
        for path in FILES
        for function in _functions(path)
        if _code_lines(function) > MAX_FUNCTION
    ]
    assert not long


def test_files_are_short() -> None:
    long = [path.name for path in FILES if len(path.read_text().splitlines()) > MAX_FILE and path.name not in TABLES]
    assert not long


def test_nothing_is_global() -> None:
    rebinding = [
        path.name for path in FILES for part in ast.walk(ast.parse(path.read_text())) if isinstance(part, ast.Global)
    ]
    assert not rebinding


def test_every_function_is_documented_or_private() -> None:
    silent = [
        f"{path.relative_to(PACKAGE)}:{part.lineno} {part.name}"
        for path in FILES
        for part in ast.parse(path.read_text()).body
        if isinstance(part, ast.FunctionDef | ast.ClassDef)
        and not part.name.startswith("_")
        and not ast.get_docstring(part)
    ]
    assert not silent


@pytest.mark.parametrize("call", ["torch.load(", "pickle.load(", "pickle.loads(", "eval(", "exec(", "yaml.load("])
def test_code_never_comes_out_of_a_file(call: str) -> None:
    using = [path.name for path in FILES if _calls(path, call.rstrip("("))]
    assert not using


def _calls(path: Path, name: str) -> bool:
    return any(
        isinstance(part, ast.Call) and ast.unparse(part.func) == name for part in ast.walk(ast.parse(path.read_text()))
    )


def test_the_catalogue_loads_no_torch() -> None:
    program = (
        "import sys; import ldm_nodes, ldm_nodes.engine, ldm_nodes.jobs, ldm_nodes.server, ldm_nodes.cli; "
        "from ldm_nodes.nodes import builtin_registry; "
        "builtin_registry(); heavy = {'torch', 'transformers', 'numpy', 'PIL'} & set(sys.modules); print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
