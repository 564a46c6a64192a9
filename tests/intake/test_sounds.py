"""A recording of WeChat is heard in the page; what is none, or too long, is left as it is."""

import io
import wave
from array import array

import pytest

from casework.errors import InvalidField
from intake.sounds import LONGEST, can_play, make_playable
from tests.intake import files


def test_amr_becomes_a_sound_of_the_same_length() -> None:
    kind, data = make_playable("audio/amr", files.spoken_amr(2))
    with wave.open(io.BytesIO(data)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        heard = array("h", sound.readframes(sound.getnframes()))
    assert kind == "audio/wav"
    assert seconds == pytest.approx(2, abs=0.05)
    assert max(heard) > 3000


def test_what_a_browser_plays_is_left_alone() -> None:
    assert make_playable("audio/webm", files.WEBM_SOUND) == ("audio/webm", files.WEBM_SOUND)


@pytest.mark.parametrize("data", [b"#!AMR\nno sound", b"nonsense", files.PDF], ids=["cut", "nothing", "paper"])
def test_a_broken_recording_is_told(data: bytes) -> None:
    with pytest.raises(InvalidField) as caught:
        make_playable("audio/amr", data)
    assert caught.value.problem == "broken_file"


def test_half_an_hour_is_played_and_a_day_is_downloaded() -> None:
    assert can_play("audio/amr", LONGEST)
    assert not can_play("audio/amr", LONGEST + 1)
    assert not can_play("audio/silk", 10)
    assert can_play("audio/mpeg", LONGEST * 5)
