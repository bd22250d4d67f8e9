# A bare machine needs python3, python3-venv and make; everything else comes into .venv.
# Another Python: make test PYTHON=python3.13 (after `make clean`).

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/installed

# The suite starts hundreds of processes, and each would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-postgres reliability mutation lint contract bench clean

help:
	@echo "make demo          two gateways, an operator and a dispatch system, face to face"
	@echo "make test          the suite, in parallel"
	@echo "make test-postgres the whole suite, its gateways on PostgreSQL"
	@echo "make reliability   the long form: kills, power losses, failing disks, flipped bits"
	@echo "make mutation      change the code that nothing may slip through, and count what the tests miss: hours"
	@echo "make lint          style, types and floors"
	@echo "make contract      write wsdl/, schemas/, messages, reference and compliance anew"
	@echo "make bench         a short measurement of the way in"
	@echo "make clean         remove .venv and everything that was built"

# Installed once, and again only when what is installed has changed.
$(STAMP): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test,lint]"
	@touch $@

demo: $(STAMP)
	$(BIN)/vgigw demo

test: $(STAMP)
	$(BIN)/pytest -n logical -m "not long" $(PYTEST_ARGS)

# On the server that VGIGW_TEST_POSTGRES names (postgresql://postgres@127.0.0.1:5432/test), where it
# makes schemas and drops them. A worker, and a server that a test starts, holds 8 stores: 25
# connections each, more in some tests.
test-postgres: $(STAMP)
	VGIGW_TEST_STORE=postgres $(BIN)/pytest -n 2 $(PYTEST_ARGS)

# More, or a run again: make reliability CRASH_ARGS="--kills 500 --seed 7"
reliability: $(STAMP)
	$(BIN)/python -m vgigw.testing.crash --kills 200 --crash-points 10 $(CRASH_ARGS)
	$(BIN)/python -m vgigw.testing.crash --kills 200 --power-loss $(CRASH_ARGS)
	VGIGW_POWER_LOSSES=200 VGIGW_SYNC_FAULTS=200 VGIGW_BIT_FLIPS=200 VGIGW_READ_FAULTS=200 \
		VGIGW_WRONG_FILES=10 \
		$(BIN)/pytest -q -n logical tests/stores/test_power_loss.py tests/stores/test_damage.py \
		tests/stores/test_disk_faults.py
	VGIGW_READ_FAULTS=40 VGIGW_LOCKED_S=30 VGIGW_SLOW_SYNCS=10 \
		$(BIN)/pytest -q -n logical tests/crash/test_slow_store.py tests/stores/test_long_log.py
	VGIGW_TEST_FULL_DISK_ROUNDS=20 $(BIN)/pytest -q tests/stores/test_full_disk.py tests/server/test_full_disk.py
	VGIGW_SLOW_SOCKETS=2000 VGIGW_FRAMINGS=all $(BIN)/pytest -q tests/hostile
	VGIGW_MODEL_EXAMPLES=1000 VGIGW_MODEL_STEPS=1 $(BIN)/pytest -q -n logical tests/model
	VGIGW_TAKEOVERS=10 $(BIN)/pytest -q -n logical tests/crash/test_takeover.py
	$(BIN)/pytest -q -n logical -m long

# Hours. What survived: .venv/bin/mutmut results, .venv/bin/mutmut show NAME (docs/reliability.md)
mutation: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "mutmut>=3.8"
	rm -rf mutants
	$(BIN)/mutmut run

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

contract: $(STAMP)
	$(BIN)/vgigw contract --out . --docs docs/reference

bench: $(STAMP)
	$(BIN)/vgigw bench ingest

clean:
	rm -rf $(VENV) build dist .tox .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache *.egg-info docs/_build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
