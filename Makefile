# One command each; CONTRIBUTING.md says when to use which.
PYTHON ?= python3
PY := .venv/bin/python
PACKAGES := config accounts customers brands segmentation allocation engagement fieldwork

# Packages are compiled when they are first imported (tools/setup.py); without this, every process would do it again
# wherever somebody has set the variable.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demo-setup demo-reset test check fix bench dev

help:
	@echo "make demo        make everything, run one night on a fictional city, serve http://127.0.0.1:8000"
	@echo "make demo-setup  the same without serving"
	@echo "make demo-reset  throw the demo's database away"
	@echo "make test        run the test suite (ARGS=... goes to pytest)"
	@echo "make check       format, lint, types, layers, migrations, translations"
	@echo "make fix         let the tools repair format and lint"
	@echo "make bench       measure against the bare floors (ARGS='--quick --only import')"

demo:
	@$(PYTHON) tools/demo.py

demo-setup:
	@$(PYTHON) tools/demo.py --setup-only

demo-reset:
	@$(PYTHON) tools/demo.py --forget

test:
	@$(PYTHON) tools/run_tests.py $(ARGS)

dev:
	@$(PYTHON) tools/setup.py --dev

check: dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy $(PACKAGES)
	$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	DJANGO_SETTINGS_MODULE=config.settings.test $(PY) manage.py makemigrations --check --dry-run
	$(PY) tools/messages.py check

fix: dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: dev
	@$(PY) benchmarks/run.py $(ARGS)
