# The one door: every target makes .venv by itself where it is missing or out of date.

PYTHON ?= python3
BIN := .venv/bin
TORCH := $(shell grep '^torch==' constraints.txt)
# Each worker takes what lies together, so that what a file prepares is prepared once.
PYTEST := $(BIN)/pytest -n auto --dist worksteal
DOCS := $(BIN)/python docs/generate.py
# Not run by themselves: what the others share, and what takes long.
NOT_BENCHED := $(addprefix benchmarks/,common.py demo_data.py demo_seeds.py design.py design_motifs.py design_peer.py peak_files.py \
	portal_tables.py scale.py scale_step.py gpu_explaining.py gpu_loader.py gpu_training.py background.py loader.py loader_data.py loader_peer.py \
	loader_scale.py loader_scale_step.py loader_selene.py loader_selene_step.py loader_step.py \
	loss_study.py attributions.py completeness.py effects_store.py known_truth.py many_variants.py mpra.py mutagenesis.py mutagenesis_peer.py \
	open_bundle.py real_motifs.py selene_training.py selene_training_peer.py serving.py serving_litserve.py serving_load.py serving_peer.py serving_soak.py task_map.py variants.py variants_data.py \
	variants_overhead.py variants_peer.py zoo.py)
# Of benchmarks only whether what they call is there and takes what they give.
LOOSE := $(addprefix --disable-error-code ,misc has-type list-item arg-type index)
# What `docker-check` serves.
MODEL ?= demo/model
GENOME ?= demo/data/genome
BENCHED := $(filter-out $(NOT_BENCHED),$(wildcard benchmarks/*.py))

.DEFAULT_GOAL := help
.PHONY: help demo serve test check bench docs docker-check clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# torch goes first and alone, so that its own build is settled before others ask for it.
.venv/.installed: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check '$(TORCH)'
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: .venv/.installed  ## train and evaluate on the data in the package; report in demo/
	$(BIN)/nucleotides demo --out demo

serve: .venv/.installed demo/model  ## serve the demo's model on http://localhost:8893
	$(BIN)/nucleotides serve --model demo=demo/model --genome demo/data/genome

demo/model:
	$(MAKE) demo

test: .venv/.installed  ## run the tests
	$(PYTEST)

check: .venv/.installed  ## lint, formatting, types, and docs that match the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file= --ignore-missing-imports $(LOOSE) benchmarks/*.py
	$(BIN)/mypy --config-file= --ignore-missing-imports --strict deploy/*.py
	$(DOCS) --check

bench: .venv/.installed  ## run the quick benchmarks; benchmarks/README.md tells of the others
	@set -e; for script in $(BENCHED); do echo "== $$script"; $(BIN)/python $$script; done

docs: .venv/.installed  ## write docs/reference from the code
	$(DOCS)

docker-check: .venv/.installed $(MODEL)  ## build the Dockerfile in a Debian root, serve from it, measure (root, buildah, debootstrap)
	$(BIN)/python deploy/check_image.py --model $(MODEL) --genome $(GENOME) $(if $(TORCH_INDEX),--torch-index $(TORCH_INDEX))

clean:  ## remove what the tools and targets made, .venv included
	rm -rf .venv demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
