# Each target sets up what it needs: a virtual environment in .venv from uv.lock. Needs Python 3.11 or newer and make, nothing else.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench mutants up screenshots kafka format docs

BIN := .venv/bin
PYTHON ?=
ARGS ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv from uv.lock; does nothing when it is up to date
	@PYTHON="$(PYTHON)" .ci/set-up

demo: setup ## a made-up company's quarter goes in, three stories come out with their evidence
	@$(BIN)/python -m nofumble demo $(ARGS)

test: setup ## all tests; a part of them: make test ARGS="tests/unit -k clock"
	$(BIN)/python -m pytest $(or $(ARGS),--numprocesses auto --dist loadfile)

check: setup ## lint, format, types, imports, docs, images, and the shipped definitions with their examples
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/unit/docs tests/unit/test_compose.py tests/unit/test_dockerfile.py
	$(BIN)/nofumble workflows check
	$(BIN)/nofumble workflows test

bench: setup ## figures of this machine beside the targets
	@$(BIN)/python -m bench $(ARGS)

mutants: setup ## break the code on purpose, and see that tests notice; one of them: make mutants ARGS="ids_by_chance"
	@$(BIN)/python -m tests.mutants.run $(ARGS)

up: setup ## everything on this machine, with a made-up company if there is none, until Ctrl-C
	@$(BIN)/nofumble up $(ARGS)

screenshots: setup ## pictures of the main pages into docs/pictures; needs Chromium
	@$(BIN)/python -m tests.browser.screenshots docs/pictures

kafka: setup ## a Kafka broker for tests and for a look by hand, until Ctrl-C; needs Java, and Maven the first time
	@$(BIN)/python -m nofumble.kafka.broker

format: setup ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

docs: setup ## write the generated pages of docs/reference and docs/workflows again
	$(BIN)/python -m nofumble.docs_reference
