# The one door. Needs python3 (3.11 to 3.13), its venv module and make; everything else goes into .venv here.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo $$p; break; }; done)
BIN := .venv/bin
JOBS ?= 2
# One BLAS thread each: small fits are many times slower with two, and figures then depend on the machine.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1

PROGRESS := $(BIN)/python .ci/progress.py
PIP = $(BIN)/python -m pip install --progress-bar off -c constraints.txt

.PHONY: help install demo test test-page coverage language-model postgres strace chromium lint docs bench page page-types page-check torture clean

help: ## say what there is
	@echo "cowise: language models and people as one team, under a promise that is kept"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: .venv/.base ## prepare .venv here and fetch the default encoder once
	@if $(BIN)/cowise models --help >/dev/null 2>&1; then $(BIN)/cowise models pull use-multilingual; \
	else echo "This version has no command to fetch the default encoder."; fi

demo: install ## play the whole loop on two sample projects, then open the workspace
	@$(BIN)/cowise demo
	@$(BIN)/cowise --home demo-home start $$([ -t 1 ] || echo --check)

test: install language-model postgres strace chromium .venv/.postgres ## run every test, at last those in a browser
	@echo "Running the tests in $(JOBS) processes, then those of the page in a browser."
	@failed=0; $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --ignore=tests/browser || failed=1; \
	$(MAKE) test-page || failed=1; exit $$failed

# In a process of its own: the event loop of Playwright would break tests that run one themselves.
test-page: install chromium ## run the tests of the page in a browser, one after the other
	@$(BIN)/python -m pytest tests/browser

coverage: install language-model postgres strace .venv/.postgres ## run the tests, show what they leave out, and fail below the goals for lines and branches
	@echo "Running the tests in $(JOBS) processes, and watching which lines and branches they reach."
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --ignore=tests/browser --cov --cov-report=term-missing:skip-covered --cov-report=json:coverage.json
	@$(BIN)/python .ci/covered.py coverage.json

lint: .venv/.base ## ruff, mypy, import contracts and the budgets of the house
	@echo "ruff"; $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "mypy"; $(BIN)/mypy
	@echo "import contracts"; $(BIN)/lint-imports
	@echo "house"; $(BIN)/python -m pytest tests/test_house.py

docs: .venv/.docs ## build the documentation into site/
	@$(BIN)/mkdocs build --strict && echo "Documentation is in site/index.html"

bench: install .venv/.postgres ## measure every published figure and write benchmarks/results/
	@$(BIN)/python -m benchmarks

page: workspace/node_modules/.ready ## build the page of the workspace from its sources (needs Node 20 or newer)
	@cd workspace && npm run -s build

page-types: .venv/.base workspace/node_modules/.ready ## make the page's types from the server's OpenAPI document
	@$(BIN)/python -m cowise.web.openapi workspace/node_modules/.openapi.json && cd workspace && npm run -s types

page-check: ## test the page, and that what is committed is what its sources build; says so where Node is missing
	@command -v npm >/dev/null 2>&1 || { echo "Node is not installed: the page is not rebuilt (users need none)."; exit 0; }; \
	$(MAKE) page-types && $(MAKE) page && (cd workspace && npm run -s check && npm run -s test) && git add --intent-to-add cowise/web/static \
	&& git diff --exit-code --stat -- cowise/web/static workspace/src/lib/schema.d.ts && echo "The committed page is what its sources build."

workspace/node_modules/.ready: workspace/package-lock.json workspace/.npmrc
	@echo "Installing the tools that build the page (once; about half a minute)."
	@cd workspace && npm ci --no-progress --loglevel=error && touch node_modules/.ready

torture: install postgres strace .venv/.postgres ## kill a server under 50 reviewers 100 times, PostgreSQL 20 times, cut the power 400 times, and look for losses; then find two planted faults
	@export PYTHONPATH=.; $(BIN)/python tests/web/torture.py --kills 100
	@export PYTHONPATH=.; $(BIN)/python tests/web/torture.py --kills 20 --items 20000 --postgres
	@export PYTHONPATH=.; $(BIN)/python tests/store/power.py --cuts 400
	@export PYTHONPATH=.; ! $(BIN)/python tests/web/torture.py --kills 20 --fault early && echo "found: acknowledged before the commit"
	@export PYTHONPATH=.; ! $(BIN)/python tests/web/torture.py --kills 5 --items 5000 --fault unfenced && echo "found: answers without a fence"

clean: ## remove .venv, site and caches
	rm -rf .venv workspace/node_modules site dist build demo-home .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* coverage.json htmlcov

.venv/.venv:
	@[ -n "$(PYTHON)" ] || { echo "cowise needs Python 3.11 to 3.13 and found none; run: sudo apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module; run: sudo apt-get install $$(basename $(PYTHON))-venv" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)."
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@touch $@

.venv/.base: .venv/.venv pyproject.toml constraints.txt
	@echo "Installing cowise into .venv (once; one or two minutes, 1 GB with the tools for tests)."
	@$(PIP) -e '.[parquet,plot,dev]' | $(PROGRESS)
	@touch $@

.venv/.postgres: .venv/.base
	@$(PIP) -e '.[postgres]' | $(PROGRESS)
	@touch $@

.venv/.docs: .venv/.base
	@echo "Installing the documentation tools into .venv (once; about half a minute)."
	@$(PIP) -e '.[docs]' | $(PROGRESS)
	@touch $@

# A small language model for the tests of members, fetched once (98 MB).
language-model: install
	@$(BIN)/cowise models pull smollm2-135m

# A server for the tests that need one: they start their own cluster and never touch one that runs.
postgres:
	@if compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing PostgreSQL for the tests that need it (once)."; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1 \
		|| echo "PostgreSQL could not be installed: its tests are skipped. To run them: sudo apt-get install postgresql"; \
	else echo "PostgreSQL is not installed: its tests are skipped. To run them: sudo apt-get install postgresql"; fi

# What a process writes and flushes is recorded by it, to build a disk as a power cut leaves it.
strace:
	@if command -v strace >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends strace; } >/dev/null 2>&1 \
		|| echo "strace could not be installed: the tests that need it are skipped. To run them: sudo apt-get install strace"; \
	else echo "strace is not installed: the tests that need it are skipped. To run them: sudo apt-get install strace"; fi

# The page is tried in the system's Chromium, with a Chinese font for what it shows: nothing is downloaded from elsewhere.
chromium:
	@if [ -n "$${COWISE_CHROMIUM:-}" ] || command -v chromium chromium-browser google-chrome chrome >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the tests of the page (once)."; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; } >/dev/null 2>&1 \
		|| echo "Chromium could not be installed: the tests of the page are skipped. To run them: sudo apt-get install chromium"; \
	else echo "Chromium is not installed: the tests of the page are skipped. To run them: sudo apt-get install chromium"; fi
