# Every target sets up what it needs. On Windows without make, see the README.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
STAMP := $(VENV)/.installed
export PYTHONUTF8 := 1

.PHONY: memo test test-all check lab notebooks docs exercises bench lock clean

memo: $(STAMP)
	$(BIN)/qhd memo --out build/memo

test: $(STAMP)
	PYTHONWARNDEFAULTENCODING=1 $(BIN)/python -m pytest

test-all: $(STAMP)
	PYTHONWARNDEFAULTENCODING=1 $(BIN)/python -m pytest -m slow

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify $(NOTEBOOKS) $(wildcard notebooks/teaching/*.ipynb)

lab: $(STAMP)
	$(BIN)/jupyter lab notebooks/00_start_here.ipynb

notebooks: $(STAMP)
	mkdir -p build/notebooks
	$(BIN)/jupyter nbconvert --to html --execute --output-dir build/notebooks $(NOTEBOOKS)

docs: $(STAMP)
	$(BIN)/pdoc --docformat numpy --output-directory build/docs qhdanalysis

exercises: $(STAMP)
	$(BIN)/python tools/make_exercises.py build/exercises

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py

lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --all-extras pyproject.toml -o requirements.lock

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

ifdef UV
$(STAMP): requirements.lock pyproject.toml
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@
else
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
endif
