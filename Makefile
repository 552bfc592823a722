# Two commands are the whole set-up: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo install test check lock clean

demo: install
	$(BIN)/sertakan demo

install: .venv/installed

test: .venv/tested check
	$(BIN)/pytest --numprocesses 2

check: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	$(PYTHON) -m venv .venv || { echo "This needs Python 3.11 or newer with venv: apt install python3-venv"; exit 1; }

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/tested: .venv/installed requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	touch $@

# Renew both locks after a change of dependencies in pyproject.toml (needs uv).
LOCKING := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
lock:
	$(LOCKING) pyproject.toml --extra build --output-file requirements.lock
	$(LOCKING) pyproject.toml --extra build --extra test --constraint requirements.lock --output-file requirements-test.lock

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis
