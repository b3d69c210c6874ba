# Every target sets up what it needs. Nothing here knows one machine: pip's own configuration says where packages come from.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test ui lint bench findings soak clean clean-home setup

setup: $(STAMP)

# uv comes from pip and is told what pip is told (infra/install.py).
$(STAMP): pyproject.toml infra/constraints.txt infra/install.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python infra/install.py
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/genaiops demo --preset small

ui: $(STAMP)
	$(BIN)/genaiops up

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Quick tests share the cores; those with real models take all of them, one after the other.
test: lint
	$(BIN)/python -m pytest -n 2 -m "not soak and not model and not ui"
	$(BIN)/python -m pytest -m "not soak and (model or ui)" --durations=20

# Each benchmark prints figure, bar and whether it was reached, writes JSON and exits 1 when a bar is missed.
bench: bench-loading bench-lake bench-corpus bench-index bench-drift
bench-corpus: $(STAMP)
	$(BIN)/python -m tests.benchmarks.corpus; ours=$$?; $(BIN)/python -m tests.benchmarks.privacy && exit $$ours
bench-%: $(STAMP)
	$(BIN)/python -m tests.benchmarks.$*

# Each file shows how a library behaves; none is a test of ours. Each installs the versions it names into a temporary
# folder, so pip must reach its packages: some five minutes in all.
findings: $(STAMP)
	$(BIN)/python findings/run.py

soak: $(STAMP)
	$(BIN)/python -m pytest -m soak tests

clean:
	rm -rf .ruff_cache .mypy_cache .hypothesis .import_linter_cache build dist *.egg-info

# Everything that runs produced: ledger, approvals and inbox too.
clean-home:
	@printf 'This deletes .genaiops with its ledger and approvals. Type yes: '; read answer; test "$$answer" = yes
	rm -rf .genaiops
