"""Recordings that no browser plays, made into ones that it does: WeChat sends AMR.

Only that one format is opened, by name, in memory, when somebody is about to listen; the original stays as it is.
"""

import io
import wave

import av

from casework.errors import InvalidField
from intake.filetypes import BROKEN, FIELD, MEGABYTE

AMR = "audio/amr"
WAV = "audio/wav"
RATE, SAMPLE_BYTES = 8000, 2
LONGEST = 3 * MEGABYTE
"""Half an hour of AMR; a longer one is downloaded."""
PLAYABLE = frozenset(
    {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "audio/aac", "audio/flac", "audio/3gpp"}
)
"""What a browser plays by itself."""


def can_play(media_type: str, size: int) -> bool:
    """Whether a recording can be heard in the page."""
    return media_type in PLAYABLE or (media_type == AMR and size <= LONGEST)


def make_playable(media_type: str, data: bytes) -> tuple[str, bytes]:
    """A recording with its media type as a browser plays it. Raises InvalidField("file", "broken_file")."""
    if media_type != AMR or not can_play(media_type, len(data)):
        return media_type, data
    try:
        return WAV, _decode(data)
    except av.FFmpegError as error:
        raise InvalidField(FIELD, BROKEN) from error


def _decode(data: bytes) -> bytes:
    out = io.BytesIO()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(io.BytesIO(data), "r", format="amr") as box, wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(SAMPLE_BYTES)
        sound.setframerate(RATE)
        for frame in box.decode(audio=0):
            for piece in resampler.resample(frame):
                sound.writeframes(bytes(piece.planes[0])[: piece.samples * SAMPLE_BYTES])
    return out.getvalue()
