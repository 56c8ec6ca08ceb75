"""The pages show what works: every example is run as it stands."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = {page: (ROOT / "docs" / page).read_text() for page in ("extending.md", "oracles.md", "outside.md")}
TIMEOUT = 600  # seconds, for a command that has everything to compile
EXAMPLES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", "".join(PAGES.values()), re.S))


@pytest.fixture
def folder(tmp_path):
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def command_in(folder, *arguments):
    command = [sys.executable, "-c", "from experiments.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, cwd=folder)


def test_the_examples_are_as_short_as_promised():
    lines = {name: len(text.splitlines()) for name, text in EXAMPLES.items()}
    assert lines["cosine_valley.py"] <= 45 and lines["two_step_search.py"] <= 20 and lines["two_steps.py"] <= 45
    assert lines["few_digits.py"] <= 35


@pytest.mark.slow
@pytest.mark.parametrize(("page", "number"), [("extending.md", 10), ("oracles.md", 11)])
def test_every_command_of_the_page_works(folder, page, number):
    commands = [line.split()[1:] for line in PAGES[page].splitlines() if line.startswith("    testbed ")]
    assert len(commands) == number
    for command in commands:
        done = command_in(folder, *command, *(["--quick"] if command[0] in ("run", "table", "figure") else []))
        assert done.returncode == 0, (command, done.stderr, done.stdout[-500:])
    assert page != "extending.md" or (folder / "results" / "two-steps.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("library", "number"), [("scipy", 4), ("nlopt", 1), ("optax", 1), ("torch", 1)])
def test_the_methods_of_other_libraries_run(folder, library, number):
    lines = [line.split()[1:] for line in PAGES["outside.md"].splitlines() if line.startswith("    testbed ")]
    commands = [command for command in lines if command[2].startswith(f"{library}_")]
    assert len(lines) == 7 and len(commands) == number
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    for command in commands:
        done = command_in(folder, *command)
        assert done.returncode == 0, (command, done.stderr, done.stdout[-500:])


@pytest.mark.slow
def test_an_edited_helper_is_not_masked_by_an_old_result(folder):
    def rounds():
        done = command_in(folder, "run", "two_steps.py", "--quick", "--json")
        return [row["rounds"] for row in json.loads(done.stdout)["rows"] if row["method"] == "two_step_search"]

    before = rounds()
    helper = folder / "two_step_search.py"
    helper.write_text(helper.read_text().replace("long: float = 32.0", "long: float = 2.0"))
    assert rounds() != before


@pytest.mark.slow
def test_the_example_of_the_readme_prints_what_it_says(tmp_path):
    readme = (ROOT / "README.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.S)
    (shown,) = re.findall(r"prints\n\n```text\n(.*?)```", readme, re.S)
    (tmp_path / "example.py").write_text(code)
    done = subprocess.run([sys.executable, "example.py"], capture_output=True, text=True, timeout=TIMEOUT, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == shown.strip()
    assert len(code.strip().splitlines()) <= 24


@pytest.mark.slow
def test_the_table_of_the_readme_is_what_is_measured(tmp_path):
    (shown,) = re.findall(r"among others,\n\n```text\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    done = command_in(tmp_path, "run", "chain-rounds", "--workers", "2")
    assert done.returncode == 0 and shown.strip() in done.stdout


def test_every_instance_method_oracle_and_study_is_in_a_page():
    import experiments.studies  # noqa: F401
    import hardinstances  # noqa: F401
    from experiments.study import STUDIES
    from oracles import ALGORITHMS, FAMILIES, MODELS

    pages = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    for name in (*FAMILIES, *ALGORITHMS, *MODELS, *STUDIES):
        assert name in pages, f"{name} is in no page"
