# Every target sets up what it needs: a virtual environment in .venv, nothing global.
PYTHON ?= python3
BIN := .venv/bin
EXTRAS ?= dev
RUN_HOME ?= $(CURDIR)/.run
ENGINE ?= docker
TRAIN ?= none
TORCH_INDEX ?=
# Where somebody looks on, pip shows how far it is; older makes do not say whether somebody does.
QUIET := $(if $(MAKE_TERMOUT),,--quiet)
# Tests share nothing, so that each core takes some.
PARALLEL := -n auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup run test fuzz check docs notebooks lab starters digits-starter words-starter voices clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/ready ## make .venv with everything that running and testing need

KERNELS := $(shell find src -name "*.pyx")

.venv/ready: pyproject.toml setup.py $(KERNELS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than Python 3.11: name a newer one, as in 'make setup PYTHON=python3.12'" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "make: $(PYTHON) cannot make a virtual environment: on Debian, 'apt install python3-venv'" >&2; exit 1; }
	@echo 'Setting up .venv, which takes a few minutes: packages are fetched, and kernels compiled …'
	@$(BIN)/python -m pip install $(QUIET) --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@

run: setup ## the main job on real mail: fetch a corpus, learn, launch, judge; again: go on
	@RUN_HOME='$(RUN_HOME)' sh scripts/run.sh

test: setup ## run the tests, those of what kernels do without the compiled kernels too
	@$(BIN)/python -m pytest $(PARALLEL)
	@CHAFFINCH_PURE=1 $(BIN)/python -m pytest $(PARALLEL) tests/readers tests/features tests/models \
	  src/chaffinch/readers src/chaffinch/features src/chaffinch/models

SECONDS ?= 60

fuzz: setup ## feed parsers what no client sends, for SECONDS=60
	@$(BIN)/python tests/fuzz/run.py --seconds $(SECONDS)

check: setup ## ruff, mypy --strict, and whether the generated docs are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/docs.py --check
	$(BIN)/python scripts/notebooks.py --check

docs: setup ## write the generated pages of docs/ anew from the code
	@$(BIN)/python scripts/docs.py

.PHONY: site picture package lock image image-steps
site: .venv/site-ready ## the documentation as a site, in build/site; a warning is an error
	@rm -rf build/site docs/reference/modules
	@$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --jobs auto \
	  -b html -d build/doctrees docs build/site
	@echo 'build/site/index.html'

.venv/site-ready: .venv/ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

picture: setup ## draw docs/terminal.svg anew, from what the command line really says
	@$(BIN)/python scripts/terminal.py

package: setup ## wheel and sdist in dist, checked
	@$(BIN)/python scripts/package.py

lock: setup ## renew the versions and hashes in locks, which images are built from
	@$(BIN)/python scripts/lock.py

image: ## build both images, with docker or podman: make image ENGINE=podman TRAIN=gpu
	@test '$(TRAIN)' != cpu || test -n '$(TORCH_INDEX)' || { echo 'make: TRAIN=cpu takes PyTorch from the index that TORCH_INDEX names: name one' >&2; exit 1; }
	$(ENGINE) build --target server --tag chaffinch:server .
	$(ENGINE) build --target notebooks --build-arg TRAIN=$(TRAIN) --build-arg TORCH_INDEX=$(TORCH_INDEX) \
	  --tag chaffinch:notebooks .

image-steps: setup ## take the Dockerfile's steps for both images without an engine: as root, with debootstrap
	@test -d build/debian || debootstrap --variant=minbase \
	  --include=python3,python3-venv,ca-certificates trixie build/debian
	@cp /etc/resolv.conf build/debian/etc/
	@$(BIN)/python scripts/image_steps.py build/debian
	@$(BIN)/python scripts/image_steps.py build/debian --target notebooks \
	  --arg TRAIN=$(TRAIN) --arg TORCH_INDEX=$(TORCH_INDEX) --then 'jupyter lab --version'

notebooks: setup ## make the notebooks of their sources, and execute them: two minutes of a core
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	@$(BIN)/python scripts/notebooks.py

lab: setup ## open the notebooks in JupyterLab
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[notebooks,train]'
	@$(BIN)/jupyter lab --notebook-dir=notebooks

starters: setup ## train the starter models anew, from public data sets
	@$(BIN)/python scripts/starters.py

digits-starter: setup ## train the starter net of digits anew, from MNIST, and its twin: half an hour of a core
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	@$(BIN)/python scripts/starters.py digits

words-starter: setup ## train the starter net of words anew, from people and what 'make voices' made: 10 minutes of a core
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	@$(BIN)/python scripts/starters.py words

voices: setup ## let free synthesisers speak words, to train nets on: as root, a quarter of an hour of two cores
	@sh scripts/voices.sh
	@$(BIN)/python scripts/voices.py

clean: ## remove what the targets above made, with all that make run learned in .run
	rm -rf .venv .run build dist docs/notebooks docs/reference/modules src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src \( -name '*.so' -o -name '*.c' \) -delete
