# ITIM: every target does what it needs of `setup` first. Python 3.11 or newer with venv, and make, are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= auto
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev assets assets-dev run test lint format bench demo lock clean

# What lint and check see: production's settings, and servers that need not exist.
PRETEND := ITIM_HOME=.cache/lint SECRET_KEY=lint-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ \
	ITIM_BASE_URL=https://itim.example.com ITIM_ALLOWED_HOSTS=itim.example.com \
	DATABASE_URL=postgresql://nobody@127.0.0.1:1/nothing REDIS_URL=redis://127.0.0.1:1/0

help:
	@echo "make run     start ITIM here: http://127.0.0.1:8000"
	@echo "make test    all tests          make lint    style, types, imports, settings"
	@echo "make demo    a believable company to look at"
	@echo "make bench   measure            make setup   only install what the others need"
	@echo "make clean   remove what was installed and built (not var/, the data)"

$(VENV)/.made:
	@sh scripts/venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

$(VENV)/.setup: requirements.lock $(VENV)/.made
	@sh scripts/install.sh "$(VENV)" requirements.lock
	@touch $@

$(VENV)/.setup-dev: requirements-dev.lock $(VENV)/.made
	@sh scripts/install.sh "$(VENV)" requirements-dev.lock
	@touch $@ $(VENV)/.setup

assets: $(VENV)/.setup
	@$(BIN)/python -m itim.assets

assets-dev: $(VENV)/.setup-dev
	@$(BIN)/python -m itim.assets --dev

setup: assets

setup-dev: assets-dev

run: setup
	@exec $(BIN)/python manage.py up

demo: setup
	@exec $(BIN)/python manage.py demo

test: setup-dev
	@sh scripts/test.sh $(BIN)/pytest $(JOBS) $(ARGS)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@mkdir -p .cache && git ls-files -z -- 'templates/*.html' '*/templates/*.html' > .cache/templates
	xargs -0 -r $(BIN)/djade --target-version 5.2 --check < .cache/templates
	$(PRETEND) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRETEND) $(BIN)/python manage.py check --deploy --fail-level WARNING

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -z -- 'templates/*.html' '*/templates/*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2

bench: setup-dev
	$(BIN)/python -m bench

lock: setup-dev
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev -c requirements.lock --universal --generate-hashes \
		--no-emit-index-url --no-header -q -o requirements-dev.lock

clean:
	rm -rf $(VENV) .cache static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
