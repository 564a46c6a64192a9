"""Feeds one target by libFuzzer (atheris): `python -m tests.fuzz.engine TARGET [libFuzzer's own options]`.

Our code and the parsers under it are instrumented while they are imported, so that the search sees what it reaches.
"""

import sys
from importlib import import_module

OURS = ["api", "bot", "casework", "intake", "triage"]
PARSERS = ["starlette", "xmltodict", "wechatpy", "tarfile", "csv", "json"]


def main(target: str, options: list[str]) -> None:
    """Never returns while nothing is found and time is left."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=[*OURS, *PARSERS], enable_loader_override=False):
        feed = import_module(f"tests.fuzz.targets.{target}").feed
    feed(b"")  # what is made once is made before each input is timed
    atheris.Setup([target, *options], feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
