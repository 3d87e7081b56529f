# Three commands matter: `make demo`, `make learn` and `make test`. Each sets up what it needs in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo
# Of `make learn`; the environment has no say in them: OUT and SOURCE are names that others use, too.
SOURCE =
MINUTES = 30
OUT = learned
SEED = 0
SCRATCH =
# `make test CONSTRAINTS=constraints.txt` installs exactly the releases that are listed there.
CONSTRAINTS ?=
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))

.DEFAULT_GOAL := help
.PHONY: help demo learn test check kernels docs gpu bench clean

help:  ## show this help
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 10

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "Python 3.10 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) --editable '.[demo]'
	@touch $@

$(VENV)/.learn: setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) --editable '.[train,eval]'
	@touch $@

$(VENV)/.test: setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) --editable '.[demo,sam,train,eval,test,dev]'
	@touch $@

$(VENV)/.docs: setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) --editable '.[train,eval,docs]'
	@touch $@

$(VENV)/.gpu: setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) --editable '.[train,optimizers]'
	@touch $@

$(VENV)/.bench: setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) --editable '.[bench]'
	@touch $@

demo: $(VENV)/.demo  ## set up, paint pictures that scikit-image ships in all media, and some scenes; verify the corpus
	$(BIN)/python examples/skimage_pictures.py $(DEMO)/pictures
	$(BIN)/underpaint-data generate --source $(DEMO)/pictures --out $(DEMO)/corpus \
		--renderer bezier,oil,ink,pencil,illustration,region --size 512 --shard-size 4
	$(BIN)/underpaint-data generate --source scenes:4 --out $(DEMO)/scenes --renderer oil --size 256
	$(BIN)/underpaint-data verify $(DEMO)/corpus
	$(BIN)/underpaint-data filmstrip $(DEMO)/corpus --out $(DEMO)/filmstrip.png
	$(BIN)/underpaint-data filmstrip $(DEMO)/scenes --out $(DEMO)/scenes.png
	@echo "The filmstrips are $(DEMO)/filmstrip.png and $(DEMO)/scenes.png, the corpora $(DEMO)/corpus and $(DEMO)/scenes."

learn: $(VENV)/.learn  ## the whole chain: corpus, training, trials, a page; [SOURCE=folder] [MINUTES=30] [OUT=learned] [SEED=0] [SCRATCH=true]
	$(BIN)/python -m underpaint.learn $(if $(SOURCE),--source '$(SOURCE)') $(if $(SCRATCH),--scratch $(SCRATCH)) --minutes $(MINUTES) --out '$(OUT)' --seed $(SEED)

test: $(VENV)/.test  ## set up, lint, type-check and run all tests
	@# The kernels first, once: else each process of the tests compiles them for itself, which takes a minute.
	$(MAKE) --jobs=2 check kernels
	@# On all cores, see tests/conftest.py. The tests' networks are so small that threads would only wait for each other.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --no-loadscope-reorder

check: $(VENV)/.test  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

kernels: $(VENV)/.test  ## compile the kernels of all media
	$(BIN)/python -c "from underpaint import renderers; [renderers.warm_up(name) for name in renderers.names()]"

docs: $(VENV)/.docs  ## the API reference and the pages of docs/, as build/docs/index.html
	$(BIN)/python docs/api/build.py build/docs

gpu: $(VENV)/.gpu  ## measure training and painting at full size on the GPU that is there, into gpu.md
	$(BIN)/python -m benchmarks.gpu --out gpu.md

bench: $(VENV)/.bench  ## print the README's figures (needs ../shared)
	$(BIN)/python -m benchmarks.fidelity --prototype ../shared/prototype/stroke_fit.py
	$(BIN)/python -m benchmarks.ink
	$(BIN)/python -m benchmarks.regions
	$(BIN)/python -m benchmarks.region_process
	$(BIN)/python -m benchmarks.saliency
	$(BIN)/python -m benchmarks.sample_cost
	$(BIN)/python -m benchmarks.scaling

clean:  ## remove the environment, caches and the demo's output
	rm -rf $(VENV) $(DEMO) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
