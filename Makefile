# 清风热线. Two commands matter: `make demo` and `make test`; `make help` lists the rest.

PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
BIN := .venv/bin
LOCKS := requirements.lock requirements-dev.lock
FUZZ_SECONDS ?= 60
FONTS := fonts-noto-cjk fonts-arphic-ukai
TEST_PACKAGES := postgresql chromium chromium-sandbox libatomic1 $(FONTS)

.DEFAULT_GOAL := help
.PHONY: help setup demo fonts test test-packages check bench audit fuzz lock format clean

help: ## 这份说明 / this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

setup: .venv/ready ## 建立 .venv / make .venv, nothing else

demo: .venv/ready fonts ## 启动演示 / an invented county on http://127.0.0.1:8000, Ctrl-C stops it
	@exec $(BIN)/hotline demo

test: test-packages .venv/ready-dev check ## 全部检查和测试 / every check, every test on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n logical --dist worksteal

bench: .venv/ready-dev ## 性能测试 / speed, each figure beside its floor
	$(BIN)/python -m pytest tests/benchmarks -o python_files='bench_*.py' -o timeout=0 -s

audit: .venv/ready-dev ## 依赖的已知漏洞 / known vulnerabilities; a package that can't be looked up is a failure
	$(BIN)/python -m tests.infrastructure.audit $(LOCKS)

fuzz: .venv/ready-dev ## 长时间随机测试 / property tests with many more examples, then the parsers by atheris (FUZZ_SECONDS=60 each)
	$(BIN)/python -m pytest -n logical -m hypothesis --hypothesis-profile=fuzz -o timeout=0
	@sh .ci/install --alone requirements-fuzz.lock || true
	nice -n 19 $(BIN)/python -m tests.fuzz.run --seconds $(FUZZ_SECONDS)

check: .venv/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/deptry .

format: .venv/ready-dev ## 整理代码格式 / format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/ready-dev ## 更新依赖锁 / resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-annotate --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile --group dev -c requirements.lock --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-annotate --no-header --quiet -o requirements-dev.lock
	$(BIN)/uv pip compile --group fuzz --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-annotate --no-header --quiet -o requirements-fuzz.lock

clean: ## 删除 .venv 和缓存 / remove .venv and caches, never data
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

fonts:
	@sh .ci/apt --optional '文书将使用随程序安装的黑体 (documents fall back to the packaged font).' $(FONTS)

test-packages:
	@sh .ci/apt $(TEST_PACKAGES)

# The environment. Debian ships Python without venv; ask for it once, in words, where it can't be installed.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo '需要 Python 3.11 以上版本。Python 3.11 or newer is needed.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || sh .ci/apt python3-venv
	@rm -rf .venv
	$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip uninstall -q -y setuptools 2>/dev/null || true # jieba would load it at every start

# uv comes from the lock, hash and all; where it can't be had, pip does the same work more slowly.
.venv/ready: .venv/bin/python requirements.lock pyproject.toml
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock >.venv/uv.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.txt \
		|| echo '提示:没有 uv,改用 pip,会慢一些 (no uv here, pip will do).'
	@sh .ci/install requirements.lock
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	@sh .ci/install $(LOCKS)
	@touch $@
