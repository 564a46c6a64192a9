"""What an engine gets to hear, and what the office is told where its engine can't be built."""

import io
import wave
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from intake import speech
from intake.speech import LIBRARY, RATE, SherpaEngine, SpeechProblem, Unheard, find_engine, read_sound
from tests.intake.files import spoken_amr

TINY = Path(__file__).parent / "data" / "speech"
"""A model of a few numbers that hears 饭 in whatever it is given; it goes through the real library."""


def a_wave(seconds: float, rate: int = 44_100, channels: int = 2) -> bytes:
    out = io.BytesIO()
    tone = (9000 * np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * 440 / rate)).astype("<i2")
    with wave.open(out, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(np.repeat(tone, channels).tobytes())
    return out.getvalue()


@pytest.mark.parametrize(("kind", "data"), [("audio/amr", spoken_amr(2)), ("audio/wav", a_wave(2))])
def test_every_recording_comes_as_one_channel_of_sixteen_thousand_a_second(kind: str, data: bytes) -> None:
    sound = read_sound(kind, data)
    assert sound.dtype == np.float32
    assert 2 * RATE - 600 <= len(sound) <= 2 * RATE + 600
    assert 0.1 < float(np.abs(sound).max()) <= 1.0


def test_a_long_recording_is_heard_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "LONGEST_SECONDS", 1)
    assert len(read_sound("audio/wav", a_wave(3))) == RATE


@pytest.mark.parametrize(
    ("kind", "data"),
    [("audio/silk", b"\x02#!SILK_V3"), ("audio/amr", b"#!AMR\n\xff\xff"), ("audio/ogg", b"OggS"), ("audio/mp4", b"")],
)
def test_what_cannot_be_read_says_so_and_nothing_else_happens(kind: str, data: bytes) -> None:
    with pytest.raises(Unheard):
        read_sound(kind, data)


def test_a_reader_is_chosen_by_the_type_and_not_by_the_bytes() -> None:
    with pytest.raises(Unheard):
        read_sound("audio/mpeg", b"#EXTM3U\nfile:///etc/passwd\n")


def test_without_a_folder_there_is_no_engine() -> None:
    assert find_engine(None) is None


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (None, "没有 speech.toml"),
        ("kind = ", "没看懂"),
        ('kind = "magic"', "kind 要写成"),
        ('kind = "sense_voice"\nmodel = "gone.onnx"', "没有这个文件"),
        ('kind = "sense_voice"\nmodel = "../model.onnx"', "没有这个文件"),
    ],
)
def test_a_wrong_sheet_is_told_in_one_sentence(tmp_path: Path, sheet: str | None, says: str) -> None:
    if sheet is not None:
        (tmp_path / "speech.toml").write_text(sheet, encoding="utf-8")
    with pytest.raises(SpeechProblem) as problem:
        find_engine_as_if_installed(tmp_path)
    assert says in problem.value.sentence


def test_a_model_without_the_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "find_spec", lambda _name: None)
    with pytest.raises(SpeechProblem) as problem:
        find_engine(TINY)
    assert "pip install" in problem.value.sentence


@pytest.mark.skipif(find_spec(LIBRARY) is None, reason="the extra `speech` is not installed")
def test_the_real_library_hears_with_the_model_of_the_folder() -> None:
    engine = find_engine(TINY)
    assert isinstance(engine, SherpaEngine)
    assert engine(read_sound("audio/amr", spoken_amr(2))) == "饭"


def find_engine_as_if_installed(folder: Path) -> object:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(speech, "find_spec", lambda _name: object())
        return find_engine(folder)
