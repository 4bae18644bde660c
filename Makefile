# Everything a person types here; CI calls the same targets. It needs Python 3.11 or newer and make, nothing else.

# The first of these that is new enough makes the environment. PYTHON=… names another one.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
BIN := .venv/bin
INSTALLED := .venv/.installed

# The demo and the tests never see the settings of the person's shell: they would reach a real Redis or a real Xero.
FOREIGN = import os; from segxero.settings import SETTINGS; print(*(f"-u {name}" for name in os.environ if name in SETTINGS \
	or name.startswith(("CELERY_", "FLOWER_", "GUNICORN_", "MAKE", "MFLAGS", "PYTEST_", "PYTHONPATH", "SENTRY_"))))
CLEAN = env $$($(BIN)/python -c '$(FOREIGN)')

# The tests that hypothesis feeds.
FUZZED = $(shell grep -rl --include='test_*.py' '@given' tests)

COMPILE = uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet

.PHONY: help demo test run dead-letters replay lint format bench chaos fuzz soak lock clean
.DEFAULT_GOAL := help

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

demo: $(INSTALLED) ## show a day of shop traffic reach a local Xero, end to end, then stop
	@$(CLEAN) $(BIN)/segxero demo

test: $(INSTALLED) ## run the unit, mapping, integration, end-to-end and short chaos tests
	@$(CLEAN) $(BIN)/pytest -n 3 --dist loadfile tests/end_to_end tests/chaos tests/integration tests/unit tests/mappings

run: $(INSTALLED) ## run the Procfile's processes with your settings (environment or .env)
	@$(BIN)/segxero run

dead-letters: $(INSTALLED) ## list the records and events that a person must look at
	@$(BIN)/segxero dead-letters list

replay: $(INSTALLED) ## send dead letters again: ID=… QUEUE=… ERROR=… choose some, none means all
	@$(BIN)/segxero dead-letters replay $(ID) $(if $(QUEUE),--queue '$(QUEUE)') $(if $(ERROR),--error '$(ERROR)') \
		$(if $(ID)$(QUEUE)$(ERROR),,--all)

lint: $(INSTALLED) ## check style, types, the layers of imports and the length of modules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@find segxero workers docker -name '*.py' -exec awk 'FNR == 301 {print FILENAME ": more than 300 lines"; bad = 1} \
		END {exit bad}' {} +

format: $(INSTALLED) ## put the code into the project's format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: $(INSTALLED) ## measure the receiver, the queues and the way to Xero
	@$(CLEAN) $(BIN)/python -m tests.benchmarks

chaos: $(INSTALLED) ## kill, freeze and cut everything while events flow, then count: SEED=… EVENTS=… SEEDS=… MONTHS=… SHUTDOWNS=…
	@$(CLEAN) $(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(EVENTS),--events $(EVENTS)) $(if $(MONTHS),--months $(MONTHS)) $(if $(SHUTDOWNS),--shutdowns $(SHUTDOWNS))

fuzz: $(INSTALLED) ## throw many more bad inputs at the receiver, the mappings and the fold than the tests do, at random
	@$(CLEAN) $(BIN)/pytest -n 2 --dist loadfile --timeout 3600 --hypothesis-profile fuzz $(FUZZED)

soak: $(INSTALLED) ## post a steady stream of events and look whether memory or delays grow: MINUTES=… RATE=…
	@$(CLEAN) $(BIN)/python -m tests.chaos.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(RATE),--rate $(RATE))

lock: ## move every pinned version to the newest that fits together
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$(PYTHON) -m venv "$$tools" && "$$tools/bin/pip" install --quiet --disable-pip-version-check uv && PATH="$$tools/bin:$$PATH" && \
	$(COMPILE) --extra embedded --group dev --output-file requirements.lock && \
	$(COMPILE) --group build --constraints requirements.lock --output-file requirements.txt

clean: ## remove the environment and what the tools left behind
	rm -rf .venv dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "segxero needs Python 3.11 or newer, and python3 is $$(python3 --version 2>&1 || echo missing)." \
			"Install one, then name it: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3" >&2; exit 1; fi
	@echo "Setting up .venv (once per change of requirements.lock) ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
