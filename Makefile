# `make demo` runs the main job on real input; `make test` runs every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint types format clean help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY) ## a grocer's year: check, simulate, publish, run, explain (in ./demo)
	@JOURNEYS=$(BIN)/journeys sh journeys/examples/demo.sh demo

lint: $(READY) ## style and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY) ## mypy, strict
	$(BIN)/mypy

format: $(READY) ## rewrite the code in the one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: lint types ## everything that must hold
	$(BIN)/pytest -n 2

clean: ## remove what the other targets made
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache
