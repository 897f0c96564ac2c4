# Everything a person types. `make` alone lists the targets.
VENV := .venv
BIN  := $(VENV)/bin
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help install demo serve test check format lock bench

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(VENV)/installed ## create the environment from the lock file
$(VENV)/installed: requirements.lock pyproject.toml
	PYTHON=$(PYTHON) scripts/install
	touch $@

demo: install ## see it work: both scenarios on this machine, then the service stays up
	$(BIN)/interpreter-dispatch demo

serve: install ## run the service with your settings (.env)
	$(BIN)/interpreter-dispatch serve

test: install ## everything CI runs: lint, types, tests with coverage
	scripts/system-packages
	scripts/check
	$(BIN)/pytest -n auto --dist loadscope --no-loadscope-reorder --cov --cov-report=term $(PYTEST)

check: install ## lint and types only
	scripts/check

format: install ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## resolve the dependencies anew into requirements.lock
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
		--no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --quiet --upgrade -o requirements.lock

bench: install ## every benchmark, one after the other
	for name in queue_hop webhook_answer speech_to_ring memory speech_language ring_frontier simulate match_decision core_million console_board documents api_request; do \
		echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done
