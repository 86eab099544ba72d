# Everything a person does with this checkout. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
unexport PYTHONDONTWRITEBYTECODE  # else every process that a test starts compiles all of Bongsu again

.DEFAULT_GOAL := help
.PHONY: timing long help setup setup-dev up demo test check bench journey-000 journey-001 journey-infra journeys lock clean

help:            ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/.run: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	@$(BIN)/python tools/install.py
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.run          ## the environment, with .venv/bin/bongsu
setup-dev: $(VENV)/.dev      ## the same, with what tests and checks need
	@tools/debian.sh

up: setup        ## start Bongsu on http://127.0.0.1:8080
	@$(BIN)/bongsu up

demo: setup      ## Bongsu beside a small site with fault switches
	@$(BIN)/python examples/demo/run.py

check: setup-dev ## lint, types, imports, sizes, translations
	@$(BIN)/python tools/check.py

test: setup-dev  ## all checks and all tests
	@$(BIN)/python tools/check.py
	@$(BIN)/python -m pytest -q -n 3 -m "not heavy and not browser and not timing and not long"
	@mkdir -p build; $(BIN)/python -m pytest -q -m "heavy and not network and not browser and not timing and not long" >build/heavy.txt 2>&1 & heavy=$$!; \
	nice -n 10 $(BIN)/python -m pytest -q -m "browser and not timing and not long" tests/browser; browser=$$?; \
	wait $$heavy; whole=$$?; cat build/heavy.txt; exit $$((browser || whole))  # what draws gives way to what is timed
	@$(BIN)/python -m pytest -q -m network tests/journeys
	@$(BIN)/python -m tests.journeys.journey_001

timing: setup-dev ## tests that need a machine to themselves
	@$(BIN)/python -m pytest -q -m timing

long: setup-dev ## what `make test` shows in one language, look or environment, in the others
	@$(BIN)/python -m pytest -q -m long

bench: setup-dev ## the figures of docs/benchmarks.md, measured again
	@$(BIN)/python bench/run.py

journey-000: setup-dev ## what the team of system 000 does, without a person
	@$(BIN)/python -m tests.journeys.journey_000

journey-001: setup-dev ## two people share tasks in two browsers, in English and in Korean
	@$(BIN)/python -m tests.journeys.journey_001

journey-infra: setup-dev ## the architectures of the examples, checked, priced, drilled, drawn, rendered, deployed to an emulator
	@$(BIN)/python -m tests.journeys.journey_infra

journeys: journey-000 journey-001 journey-infra ## every journey that exists

lock: setup-dev  ## compile the hash-pinned requirement files again
	@for f in requirements/*.in; do $(BIN)/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
	  --override requirements/overrides.txt $$f -o $${f%.in}.txt; done
	@for f in requirements/functions/*.in; do $(BIN)/uv pip compile -q --generate-hashes --no-header --python-version 3.13 \
	  --python-platform aarch64-manylinux_2_34 $$f -o $${f%.in}.txt; done

clean:           ## remove what make made
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build
