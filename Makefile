# Everything here needs only make and Python 3.11 or newer; the rest is installed into .venv on first use. Where Rust is
# installed, the native kernel is compiled too.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
RUST := $(shell find rust -name target -prune -o -type f -print 2>/dev/null)

# What decides about the kernel. The stamp keeps it: Rust that comes later, or another mode, installs anew.
MODE := $(or $(CHAINTRACE_NATIVE),auto)
KERNEL := $(MODE)$(if $(filter-out off,$(MODE)), $(shell cargo --version 2>/dev/null) $(shell rustc --version 2>/dev/null))

# The local Ethereum node that tests start; without npm those tests skip, saying so.
NODE := $(patsubst %/package.json,%/node_modules/.stamp,$(wildcard tests/node/package.json))

# $(call cargo,command,arguments) runs in rust/ where the kernel was built; elsewhere it says that it does not.
cargo = if ! grep -qs '"native": true' src/chaintrace/_build.json; then \
		echo "cargo $(1) is left out: $$($(BIN)/chaintrace --version)" >&2; \
	elif ! cargo $(1) --help >/dev/null 2>&1; then \
		echo "cargo $(1) is left out: it is not installed" >&2; \
	else cd rust && PYO3_PYTHON=$(abspath $(BIN)/python) cargo $(1) $(2); fi

.PHONY: help demo test coverage check docs bench bench-large labels scorecards clean FORCE
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## follow the Ronin money, offline
	@$(BIN)/chaintrace trace ronin

test: $(VENV)/.dev $(NODE) ## run the tests, and the native kernel's own
	@$(call cargo,test,--quiet --locked --package chaintrace-core)
	@$(BIN)/python -m pytest --numprocesses=auto

coverage: $(VENV)/.dev $(NODE) ## run the tests and say which branches none of them takes (half as long again)
	@$(BIN)/python -m pytest --numprocesses=auto --cov --cov-report=term

check: $(VENV)/.dev ## lint, formatting, types, and which way the imports point
	@$(call cargo,fmt,--check)
	@$(call cargo,clippy,--quiet --locked --all-targets -- -D warnings)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.dev ## build the documentation into site/
	@$(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

bench: $(VENV)/.bench ## measure beside other tools, at 1 and 10 million transfers (half an hour, 16 GB of memory)
	@$(BIN)/python bench/run.py --rows 1000000 10000000 --write docs/benchmarks.md

bench-large: $(VENV)/.bench ## the same at 100 million (16 GB of memory, 3 GB of disk)
	@$(BIN)/python bench/run.py --rows 100000000 --limit 600 --repeats 3 --mark bench-large --write docs/benchmarks.md

labels: $(VENV)/.run ## write the bundled label lists anew from the folder of public data CHAINTRACE_DATA
	@$(BIN)/python tools/bundle_labels.py

scorecards: $(VENV)/.run ## measure how often the heuristics are right, on the real data that CHAINTRACE_DATA names
	@$(BIN)/python bench/usual.py --write >/dev/null
	@$(BIN)/python bench/scorecards.py --write

clean: ## remove everything that make has made
	rm -rf $(VENV) build dist site htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache __pycache__ rust/target tests/node/node_modules src/chaintrace/_build.json src/chaintrace/_native*.so
	find src tests examples bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Several stamps, so that the demo does not wait for the developers' tools.

ifneq "$(strip $(KERNEL))" "$(strip $(shell cat $(VENV)/.run 2>/dev/null))"
$(VENV)/.run: FORCE
endif

$(VENV)/.run: pyproject.toml constraints.txt hatch_build.py $(RUST)
	@command -v $(PYTHON) >/dev/null || \
		{ echo "$(PYTHON) is not installed. On Debian or Ubuntu: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "chaintrace needs Python 3.11 or newer; this is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "setting up $(VENV)$(if $(findstring cargo,$(KERNEL)), and compiling the kernel) (a few minutes on first use)" >&2
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) hatchling
	@$(PIP) --no-build-isolation --editable .
	@$(BIN)/chaintrace --version >&2
	@echo '$(KERNEL)' > $@

$(VENV)/.dev: $(VENV)/.run
	@echo "adding the developers' tools to $(VENV)" >&2
	@$(PIP) embit # comes as source and is built apart, with the tools that it asks for
	@$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@

tests/node/node_modules/.stamp: tests/node/package.json
	@echo "adding the local Ethereum node of the tests" >&2
	@npm install --prefix tests/node --ignore-scripts --no-audit --no-fund --silent && touch $@ || \
		echo "npm cannot fetch the local Ethereum node: tests that need one are skipped" >&2

$(VENV)/.bench: $(VENV)/.run
	@echo "adding what is measured beside to $(VENV)" >&2
	@$(PIP) --no-build-isolation --editable '.[bench]'
	@touch $@
