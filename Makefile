# Every target makes .venv and installs what it needs first. PYTHON=python3.12 chooses the interpreter.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
TESTS ?=
BENCH ?=
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: table test lint bench bench-peers docs clean
.DELETE_ON_ERROR:

table: .venv/base ## the table and the figure of chain-rounds
	$(BIN)/testbed run chain-rounds --workers 2
	$(BIN)/testbed figure chain-rounds

test: .venv/test ## the tests; TESTS="-m 'slow or not slow'" for all
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(TESTS)

lint: .venv/lint ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/base ## speed, side by side in one run; BENCH="--quick" or names of subjects
	$(BIN)/python -m benchmarks $(BENCH)

bench-peers: .venv/bench ## the same with other libraries, which are installed first
	$(BIN)/python -m benchmarks $(BENCH)

docs: .venv/docs ## the pages, into site/
	$(BIN)/mkdocs build --quiet --strict

clean:
	rm -rf .venv site build *.egg-info

.venv/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11, 3.12 or 3.13 found; set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/base: .venv/python pyproject.toml constraints.txt
	$(INSTALL) -e .
	@touch $@

.venv/test .venv/lint .venv/docs .venv/bench: .venv/%: .venv/base
	$(INSTALL) -e '.[$*]'
	@touch $@
