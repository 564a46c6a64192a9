"""The fuzzed readers on what their search begins with and on what it once found, without the engine."""

import base64
from importlib import import_module
from pathlib import Path

import pytest

from tests.fuzz.run import TARGETS

FOUND = Path(__file__).parent / "found"


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_takes_its_seeds_and_cuts_of_them(target: str) -> None:
    module = import_module(f"tests.fuzz.targets.{target}")
    for seed in module.SEEDS:
        for data in (seed, seed[: len(seed) // 2], seed[1:], seed[:-1] + b"\xff"):
            module.feed(data)


@pytest.mark.parametrize("file", sorted(FOUND.glob("*/*.b64")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_was_found_once_is_mended(file: Path) -> None:
    import_module(f"tests.fuzz.targets.{file.parent.name}").feed(base64.b64decode(file.read_bytes()))
