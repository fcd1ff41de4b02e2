# region-mirror: two commands matter, `make demo` and `make test`. `make help` lists the rest.
PYTHON3 ?= python3
PYTHON  := .venv/bin/python
STACK   ?= lab

TESTS_WITHOUT_LAB := $(PYTHON) -m pytest -n logical tests/unit tests/program
# tests/lab/conftest.py decides how many labs "auto" is on this machine, and which file is first.
TESTS_WITH_LABS := $(PYTHON) -m pytest -v -n auto --dist loadfile --no-loadscope-reorder tests/lab

WORKFLOWS := pull-request deploy nightly move

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick test-lab mutants check format setup venv lab-up lab-down lab-status lab-env verify docs lock policy-pack bench ci-runs ci-runs-lab drill-cutover drill-kills drill-failover clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## set up everything, bring the lab up, `pulumi up`, print the verification report
	@$(PYTHON) -m lab demo

test: setup ## all tests: no process, Pulumi mocks, real clusters
	@$(TESTS_WITHOUT_LAB)
	@$(TESTS_WITH_LABS)

test-quick: venv ## the tests that need no lab
	@$(TESTS_WITHOUT_LAB)

test-lab: setup ## the tests on real clusters, with a lab for each core where the memory suffices
	@$(TESTS_WITH_LABS)

mutants: venv ## change the code that decides in small ways, and list the changes that no unit test notices; SCOPE="groups acls"
	@$(PYTHON) -m tests.mutation $(SCOPE)

check: venv ## lint, format, types, layers, generated docs
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@$(PYTHON) -m settings.reference | diff -u docs/settings.md - || { echo "docs/settings.md is not up to date: make docs"; exit 1; }
	@$(PYTHON) -m settings.schema | diff -u docs/stack.schema.json - || { echo "docs/stack.schema.json is not up to date: make docs"; exit 1; }
	@$(PYTHON) -m manifests.monitoring.reference | diff -u docs/metrics.md - || { echo "docs/metrics.md is not up to date: make docs"; exit 1; }
	@$(PYTHON) -m policy.reference | diff -u docs/policy-rules.md - || { echo "docs/policy-rules.md is not up to date: make docs"; exit 1; }
	@$(PYTHON) -m tests.lab.rights.page | diff -u docs/rights.md - || { echo "docs/rights.md is not up to date: make docs"; exit 1; }
	@for one in $(WORKFLOWS); do $(PYTHON) -m mirror ci github $$one | diff -u ci/github/mirror-$$one.yml - || { echo "ci/github is not up to date: make docs"; exit 1; }; done
	@$(PYTHON) -m mirror ci gitlab | diff -u ci/gitlab-ci.yml - || { echo "ci/gitlab-ci.yml is not up to date: make docs"; exit 1; }

format: venv ## format and fix what can be fixed
	@.venv/bin/ruff check --fix --quiet . && .venv/bin/ruff format .

docs: venv ## write the generated pages anew
	@$(PYTHON) -m settings.reference > docs/settings.md
	@$(PYTHON) -m settings.schema > docs/stack.schema.json
	@$(PYTHON) -m manifests.monitoring.reference > docs/metrics.md
	@$(PYTHON) -m policy.reference > docs/policy-rules.md
	@$(PYTHON) -m tests.lab.rights.page > docs/rights.md
	@for one in $(WORKFLOWS); do $(PYTHON) -m mirror ci github $$one > ci/github/mirror-$$one.yml; done
	@$(PYTHON) -m mirror ci gitlab > ci/gitlab-ci.yml

LOCK = .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate \
       --quiet --custom-compile-command "make lock" $(if $(UPGRADE),$(UPGRADE:%=--upgrade-package %))

lock: venv ## write requirements*.txt from pyproject.toml; UPGRADE="rich typer" takes newer versions of those
	@$(LOCK) --extra audit --extra program --group dev -o requirements-dev.txt
	@$(LOCK) --extra audit --extra program -c requirements-dev.txt -o requirements.txt
	@$(LOCK) --extra audit -c requirements-dev.txt -o requirements-mirror.txt

	@.venv/bin/uv pip compile policy/requirements.in --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --quiet --custom-compile-command "make lock" -o policy/requirements.txt

policy-pack: venv ## the virtual environment of the Pulumi policy pack, for `pulumi preview --policy-pack policy`
	@.venv/bin/uv venv --quiet --clear .venv-policy
	@.venv/bin/uv pip install --quiet --python .venv-policy --require-hashes -r policy/requirements.txt

setup:
	@$(PYTHON3) -m lab.bootstrap

venv:
	@$(PYTHON3) -m lab.bootstrap --only-venv

lab-up: setup ## two regions with production-like data; nothing mirrored yet
	@$(PYTHON) -m lab up

lab-down: venv ## stop every process of the lab and remove its files
	@$(PYTHON) -m lab down

lab-status: venv ## what runs, where, with which memory, and what to type next
	@$(PYTHON) -m lab status

lab-env: ## export lines for your shell: eval "$$(make -s lab-env)"
	@$(PYTHON) -m lab env

verify: venv ## verify the mirror of STACK (default lab)
	@$(PYTHON) -m mirror verify --stack $(STACK)

bench: setup ## measure, as ratios to a reference in the same run
	@$(PYTHON) -m tests.bench

ci-runs: venv ## run the printed pipelines by act and gitlab-ci-local: forks, mistakes, policy
	@$(PYTHON) -m tests.ci_runs --without-lab

ci-runs-lab: setup ## also those that deploy, to a lab of their own: previews, a merge, drift, and their times
	@$(PYTHON) -m tests.ci_runs

drill-cutover: venv ## move the lab's production to region west under load, and report every record (after `make demo`)
	@$(PYTHON) -m lab.drill.run

drill-kills: venv ## ROUNDS=20 cutovers of a mirror of its own on the lab, each killed at a random moment (SEED=1) and run again
	@$(PYTHON) -m tests.bench.kills --rounds $(or $(ROUNDS),20) --seed $(or $(SEED),1)

drill-failover: setup ## kill region east of a lab of its own under load, fail over, recover, go home, report every record; ROUNDS=1 SEED=1 UNTIL=home
	@$(PYTHON) -m tests.bench.disaster --rounds $(or $(ROUNDS),1) --seed $(or $(SEED),1) --until $(or $(UNTIL),home)

clean: ## remove what checks and tests leave in the checkout (the lab stays: `make lab-down`)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
