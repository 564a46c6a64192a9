"""A house of the tests leaves nothing on the machine's memory disk when it is gone."""

from pathlib import Path

from intake.sieve import open_sieve
from tests.api.houses import some_settings
from tests.journeys.served import Served


def test_what_a_served_house_keeps_in_memory_goes_with_its_folder(tmp_path: Path) -> None:
    assert Served("sqlite://", tmp_path).environment()["HOTLINE_MEMORY_DIR"] == str(tmp_path)


def test_what_a_house_of_this_process_keeps_in_memory_goes_with_the_run(tmp_path: Path, run_dir: Path) -> None:
    settings = some_settings("sqlite://", tmp_path)
    before = set(run_dir.iterdir())
    open_sieve(settings.memory_dir, str(tmp_path))
    (kept,) = set(run_dir.iterdir()) - before
    assert kept.suffix == ".sieve"
