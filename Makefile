# Everything from nothing but Python >= 3.11, make and git: `make demo`, `make test`.
# Tools and libraries go into .tools/ and .venv/ of this checkout; nothing outside it is touched but
# the system packages that `make test` needs (scripts/system-packages).

PYTHON ?= python3
UV := .tools/uv/bin/uv
BIN := .venv/bin
# Processes that run tests side by side. They must agree on the order of the tests, also where it
# comes from a set.
WORKERS ?= 2
SEED ?= 0

# What `make demo` needs, and what everything needs. Both share one environment: going from one to
# the other adds what is missing and takes nothing away.
RUNTIME := .venv/.runtime
COMPLETE := .venv/.complete

NODE_PROJECTS := $(patsubst %/package.json,%,$(wildcard tests/dialects/*/*/package.json))
NODE_STAMPS := $(addsuffix /node_modules/.package-lock.json,$(NODE_PROJECTS))

export UV_PYTHON := $(PYTHON)
export UV_PYTHON_DOWNLOADS := never
# A checkout often lies on another disk than the cache; the warning about it would only worry.
export UV_LINK_MODE ?= copy

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types imports docs reference tests unit bench serve lock clean system

help: ## What can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(RUNTIME) ## Evaluate two versions of an invoice extractor on real documents (KEEP=1: leave the server running)
	$(BIN)/evaluand demo $(if $(filter-out 0,$(KEEP)),--keep)

test: system $(COMPLETE) $(NODE_STAMPS) check tests ## Set everything up and run every check and every test

check: lint types imports docs ## Everything but the tests

lint: $(COMPLETE) ## Style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(COMPLETE) ## Put the style right where that can be done
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(COMPLETE) ## Types, strictly
	$(BIN)/mypy

imports: $(COMPLETE) ## Import rule: dependencies point inwards
	$(BIN)/lint-imports --no-logo

docs: $(COMPLETE) ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

reference: $(COMPLETE) ## Write the page of commands anew
	$(BIN)/python scripts/cli_reference.py

tests: $(COMPLETE) $(NODE_STAMPS) ## Every test: unit, conformance, dialects, acceptance, docs' examples
	PYTHONHASHSEED=$(SEED) $(BIN)/pytest -n $(WORKERS) --dist loadfile

unit: $(COMPLETE) ## The tests without input and output
	$(BIN)/pytest tests/unit

bench: $(COMPLETE) ## Measure; the figures go to bench/out and docs/benchmarks.md
	$(BIN)/python bench/run.py

serve: $(RUNTIME) ## Serve on http://127.0.0.1:8080, data in ./evaluand-data
	$(BIN)/evaluand serve

lock: $(UV) ## Renew uv.lock after a change of pyproject.toml
	$(UV) lock

clean: ## Remove everything that was set up or built
	rm -rf .venv .tools site dist bench/out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf $(addsuffix /node_modules,$(NODE_PROJECTS))

system:
	@scripts/system-packages

$(UV): scripts/bootstrap_uv.py
	@$(PYTHON) scripts/bootstrap_uv.py
	@touch $@

$(RUNTIME): $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --no-default-groups --all-extras
	@touch $@

$(COMPLETE): $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --all-extras --all-groups
	@touch $(RUNTIME) $@

%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund --loglevel=error
	@touch $@
