"""The import rule, and the shape of the code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "oracles": {"oracles"},
    "hardinstances": {"hardinstances", "oracles"},
    "algorithms": {"algorithms", "oracles"},
    "experiments": {"experiments", "algorithms", "hardinstances", "oracles"},
}
FILES = [file for package in MAY_IMPORT for file in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_are_absolute_and_go_one_way(file):
    allowed = MAY_IMPORT[file.relative_to(ROOT).parts[0]]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            top = name.partition(".")[0]
            assert top not in MAY_IMPORT or top in allowed, f"line {node.lineno} imports {name}"
