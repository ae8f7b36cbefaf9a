# Everything is fetched and built on first use, into the user's cache folder.
PYTHON ?= python3
MAKEFLAGS += --no-print-directory
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help run test neighbours lint shell sandbox bench i18n screenshots dist soak coverage clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## /make \1	/p' Makefile

run: ## the main job on the stand-in, then keep serving (ONCE=1: end after it; PORT=8069)
	@$(PYTHON) -m dev run

test: ## all tests (T=path or T="-k word": some of them)
	@$(PYTHON) -m dev test $(T)

neighbours: ## Odoo's own tests beside the addon (T="validated hr_timesheet": some)
	@$(PYTHON) -m dev neighbours $(T)

lint: ## all linters
	@$(PYTHON) -m dev lint

shell: ## an Odoo shell reading standard input, on a throw-away database
	@$(PYTHON) -m dev shell

sandbox: ## the stand-in Tripletex alone (ARGS="--port 8899 --seed 7")
	@$(PYTHON) -m dev sandbox $(ARGS)

bench: ## what it costs, beside references (DOCS=1: into docs/performance.md; P=job: a part)
	@$(PYTHON) -m dev bench $(P) $(if $(DOCS),docs)

i18n: ## bring the files of translations up to date with the code
	@$(PYTHON) -m dev i18n

screenshots: ## the guides' pictures anew (L=en or L=nb: one language)
	@$(PYTHON) -m dev screenshots $(L)

dist: ## the addon alone as an archive, installed once from it as a test
	@$(PYTHON) -m dev dist

soak: ## random work, kills, restarts (MINUTES=30 KILLS=50; SEED=… STEPS=… repeats one walk)
	@$(PYTHON) -m dev soak

coverage: ## all tests, and the branches of the addon that none of them takes
	@$(PYTHON) -m dev coverage

clean: ## remove what the set-up made
	@$(PYTHON) -m dev clean
