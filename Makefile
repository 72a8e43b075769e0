# One word per thing to do. Needs Python 3.11 or newer with venv, Node.js 20 or newer with npm, git and make; everything else is
# installed into .venv and service/web/pages/node_modules.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Only errors are worth a line: the lock decides and is whole, so pip resolves nothing; it fetches and compares hashes.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps
FOREIGN := tests/stand_ins/medplum
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet --upgrade
LOCK := $(COMPILE) pyproject.toml
# What the pages load in a browser: our lock decides, no script of a package is run.
PAGES := service/web/pages
NPM_INSTALL := npm --prefix $(PAGES) ci --ignore-scripts --silent

# What Python compiled is kept, whatever this machine is set to: each server that a test starts would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := setup
.DELETE_ON_ERROR:
.PHONY: setup run test style types floors pytest ready debian npm bench lock clean

## setup: what running the service needs, and nothing more
setup: .venv/.run-stamp $(PAGES)/node_modules/.run-stamp

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.run-stamp: .locks/run.txt pyproject.toml | .venv/bin/python
	$(PIP_INSTALL) --require-hashes --requirement .locks/run.txt
	$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

# The packages of the tests too, once they are there, serve the pages as well: the run stamp is not a reason to take them away.
$(PAGES)/node_modules/.run-stamp: $(PAGES)/package.json $(PAGES)/package-lock.json | npm
	$(NPM_INSTALL) --omit=dev
	@touch $@

# After our own package: whoever looks through its folders should not meet files that come and go.
$(PAGES)/node_modules/.dev-stamp: $(PAGES)/package.json $(PAGES)/package-lock.json | debian .venv/.run-stamp
	$(NPM_INSTALL)
	@touch $(PAGES)/node_modules/.run-stamp $@

npm:
	@command -v npm >/dev/null || { echo "npm is not there: install Node.js 20 or newer, the pages need its packages" >&2; exit 1; }

.venv/.dev-stamp: .locks/dev.txt .venv/.run-stamp
	$(PIP_INSTALL) --require-hashes --requirement .locks/dev.txt
	@touch $@

# The client that others wrote lives apart: what it pins must not decide what we run on.
.venv/.foreign-stamp: .locks/foreign-client.txt | .venv/bin/python
	$(PYTHON) -m venv .venv/foreign
	.venv/foreign/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps \
		--require-hashes --requirement .locks/foreign-client.txt
	@touch $@

## run: the service on this machine
run: setup
	$(BIN)/all-cds serve --host 127.0.0.1 --port $(PORT)

# The short checks run beside what is still being fetched for pytest, each with its output in one piece.
# Then pytest has the machine to itself, and speaks last.
SIDE_BY_SIDE := --keep-going --no-print-directory --jobs 4 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

## test: every check; a failed one does not hide the next
test:
	@failed=0; \
	$(MAKE) $(SIDE_BY_SIDE) style types floors ready || failed=1; \
	$(MAKE) --no-print-directory pytest || failed=1; \
	exit $$failed

style: .venv/.dev-stamp
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .

types: .venv/.dev-stamp
	$(BIN)/mypy --no-error-summary

floors: .venv/.dev-stamp
	$(BIN)/lint-imports

# Which packages are measured, and that every branch of them must be walked, stands in pyproject.toml.
pytest: ready
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --cov --cov-report term-missing:skip-covered

ready: .venv/.dev-stamp .venv/.foreign-stamp $(PAGES)/node_modules/.dev-stamp $(FOREIGN)/node_modules/.package-lock.json

# What the tests start and is no package: PostgreSQL for the store, whose programs Debian keeps off the path, and a browser for the
# pages. Where we may not install them, the tests say so.
debian:
	@missing=; \
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v npm >/dev/null || missing="$$missing nodejs npm"; \
	[ -z "$$missing" ] || [ "$$(id -u)" != 0 ] || { \
		apt-get update --quiet --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes $$missing; }

# A FHIR server that is not ours; npm writes the file last. It asks the registry that the machine is set to.
$(FOREIGN)/node_modules/.package-lock.json: $(FOREIGN)/package-lock.json | debian
	npm ci --silent --prefix $(FOREIGN)
	@touch $@

## bench: how fast it answers, beside the run before, which lies in .bench; BENCH="--without-cohort" or "--only sizes" for less
bench: .venv/.dev-stamp
	$(BIN)/python -m tests.bench $(BENCH)

## lock: newest versions within the limits of pyproject.toml, with their hashes
lock: .venv/.dev-stamp
	$(LOCK) --group build --output-file .locks/run.txt
	$(LOCK) --group build --extra dev --constraint .locks/run.txt --output-file .locks/dev.txt
	$(COMPILE) --group foreign-client --output-file .locks/foreign-client.txt
	npm --prefix $(PAGES) update --package-lock-only --ignore-scripts --silent

## clean: back to a fresh checkout; what was measured (.bench) stays
clean:
	rm -rf .venv $(FOREIGN)/node_modules $(PAGES)/node_modules tests/browser/artifacts build dist all_cds.egg-info \
		.coverage .coverage.* htmlcov .hypothesis \
		.import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find service cds_hooks tests -name __pycache__ -type d -prune -exec rm -rf {} +
