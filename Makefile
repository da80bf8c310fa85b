# The two commands a newcomer needs: `make run` and `make test`. Both make the environment in .venv/ first.
# Needed on the machine: Python 3.11 or newer with venv, make, git. What else the tests can use is named when it is missing.

PORT ?= 8000
DATA ?= var
PYTHON ?= $(shell command -v python3.11 || command -v python3)
TESTS ?= tests
WORKERS ?= auto
BIN := .venv/bin
ENVIRONMENT := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help run test node check bench lock clean

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

$(ENVIRONMENT): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(ENVIRONMENT) ## serve the demo registry; PORT=8000 DATA=var
	REGISTRY_DATA=$(DATA) REGISTRY_BASE_URL=http://127.0.0.1:$(PORT) $(BIN)/registry demo run --port $(PORT)

# Compiled code is kept, whatever the shell says: the tests start many processes that read it.
test: $(ENVIRONMENT) node ## run the tests; TESTS=tests/unit for some, WORKERS=0 for one process
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

node: # packages of the foreign verifiers that run on Node.js; without npm those tests say that they did not run
	@if ! test -f tests/node/package-lock.json; then :; \
	elif ! command -v npm > /dev/null; then echo "npm is missing: tests with verifiers on Node.js will not run"; \
	elif ! test tests/node/node_modules/.package-lock.json -nt tests/node/package-lock.json; then \
		cd tests/node && npm ci --silent --no-audit --no-fund && touch node_modules/.package-lock.json; fi

check: $(ENVIRONMENT) ## format, lint, types, import contracts, models against migrations, policies, README
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(BIN)/python -c \
		'import sys; from registry import migrate; migrate.upgrade(sys.argv[1]); migrate.check(sys.argv[1])' \
		"sqlite:///$$folder/check.sqlite"
	$(BIN)/registry policies check
	$(BIN)/python -m pytest -q tests/architecture/test_readme.py

bench: $(ENVIRONMENT) ## measure speed and memory, exact counts first; BENCH=reading for a part
	@command -v wrk > /dev/null || .ci/packages wrk
	$(BIN)/python -m tests.bench $(BENCH)

lock: ## write the lock files anew from pyproject.toml, with the newest versions it allows
	test -x build/lock/bin/pip-compile || { $(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet pip-tools; }
	rm -f requirements/main.txt requirements/dev.txt
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' \
		> build/lock/dev.in
	$(COMPILE) --output-file requirements/main.txt pyproject.toml
	$(COMPILE) --output-file requirements/dev.txt --constraint requirements/main.txt --no-annotate pyproject.toml build/lock/dev.in

COMPILE = build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

clean: ## remove the environment and everything built; the data in var/ stays
	rm -rf .venv build dist tests/node/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
