# Everything a newcomer types. `make` alone lists the targets.
#
#   PYTHON   the interpreter that .venv is made with, 3.11 or newer   (make demo PYTHON=python3.12)
#   ARGS     what is handed on to the command                         (make test ARGS="-k ladder")

PYTHON ?= python3
ARGS ?=

VENV := .venv
COMMAND := $(VENV)/bin/caseledger
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check -qq
# A lock names every package, so nothing is to be resolved. Compiled is what the product
# imports, on all cores; where that fails, it only starts more slowly.
INSTALL := $(PIP) install --no-compile --no-deps
COMPILE := $(VENV)/bin/python -m compileall -qq -j 0
LOCK := CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras \
	--allow-unsafe --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

# pip-compile reads no dependency groups.
DEV_REQUIREMENTS := 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb")); \
	print(*project["build-system"]["requires"], *project["dependency-groups"]["dev"], sep="\n")'

# Where this says so, each of the suite's hundreds of processes would compile all modules for itself.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo up test bench fuzz audit lint format schemas lock clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed  ## Play the practice-alert story of 2017-18 on a stack of its own
	@$(COMMAND) demo $(ARGS)

up: $(VENV)/.installed  ## Run the whole stack until Ctrl-C; its data stays
	@$(COMMAND) up $(ARGS)

# In the order of collection the small files of tests/unit come last, so that all workers end together.
test: $(VENV)/.installed-dev  ## Run every test, against real servers
	@$(VENV)/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

bench: $(VENV)/.installed-dev  ## Print the budgets of the design and what this machine does
	@$(VENV)/bin/python -m tests.bench $(ARGS)

fuzz: $(VENV)/.installed-dev  ## Feed every decoder a million inputs that are nearly right
	@$(VENV)/bin/python -m tests.fuzz $(ARGS)

audit: $(VENV)/.installed-dev  ## Hold what is locked against known advisories; needs no network
	@$(VENV)/bin/python -m tests.audit $(ARGS)

lint: $(VENV)/.installed-dev  ## Check style, types, import contracts and schema drift
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(COMMAND) schemas check

format: $(VENV)/.installed-dev  ## Rewrite the sources in the house's format
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix

schemas: $(VENV)/.installed  ## Write schemas/ and the pages of events, deadlines, retention and states anew from the code
	$(COMMAND) schemas write
	$(VENV)/bin/python -m tests.support.catalogue > docs/reference/events.md
	$(VENV)/bin/python -m tests.support.timetable > docs/reference/deadlines.md
	$(VENV)/bin/python -m tests.support.retention_table > docs/reference/retention.md
	$(VENV)/bin/python -m tests.support.permissions > docs/reference/permissions.md
	$(VENV)/bin/python -m tests.support.machines_of_casework > docs/explanation/state-machines.md

lock: build/lock/.installed  ## Resolve every dependency anew and lock it with hashes
	$(LOCK) --build-deps-for wheel --output-file=deploy/requirements.txt pyproject.toml
	$(LOCK) --build-deps-for wheel --extra embedded --constraint deploy/requirements.txt \
		--output-file=requirements.txt pyproject.toml
	@build/lock/bin/python -c $(DEV_REQUIREMENTS) > build/lock/dev.in
	$(LOCK) --extra embedded --constraint requirements.txt \
		--output-file=requirements-dev.txt pyproject.toml build/lock/dev.in

clean:  ## Remove .venv and everything else that was made here, but no data
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find services tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "caseledger needs Python 3.11 or newer, and '$(PYTHON)' is not." >&2; \
		echo "Name one that is: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "'$(PYTHON)' comes without venv and pip; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made requirements.txt pyproject.toml
	@echo "Installing caseledger into $(VENV) …"
	@$(INSTALL) --require-hashes --requirement requirements.txt
	@$(INSTALL) --no-build-isolation --editable .
	@$(COMPILE) -x '/(faker|pip)/' $(VENV)/lib services || true
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@echo "Installing what the tests need …"
	@$(INSTALL) --require-hashes --requirement requirements-dev.txt
	@touch $@

build/lock/.installed:
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip --disable-pip-version-check --quiet install pip-tools==7.6.2
	@touch $@
