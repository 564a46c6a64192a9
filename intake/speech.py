"""What a machine hears in a recording: an engine that the office installs, behind one small interface.

Without one a recording waits for a person's ear, and the officer is told so; `docs/voice.md` says how to add an engine.
"""

import io
import threading
import tomllib
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from numpy.typing import NDArray

from casework.errors import HotlineError

Sound = NDArray[np.float32]
RATE = 16_000
LONGEST_SECONDS = 600
"""Ten minutes; what is longer is heard that far, and the recording stays whole."""
LIBRARY = "sherpa_onnx"
SHEET = "speech.toml"
DEMUXERS: Mapping[str, str] = {
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/mp4": "mov",
    "audio/3gpp": "mov",
    "audio/ogg": "ogg",
    "audio/webm": "matroska",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/flac": "flac",
}
"""The one reader that each of our media types is opened with; nothing is guessed from the content."""
KINDS = (
    "sense_voice",
    "paraformer",
    "telespeech_ctc",
    "fire_red_asr",
    "wenet_ctc",
    "zipformer_ctc",
    "nemo_ctc",
    "dolphin_ctc",
    "transducer",
)
"""Kinds of model that `speech.toml` may name; each is a way in which sherpa-onnx builds its recogniser."""


class SpeechEngine(Protocol):
    """Hears Chinese; any engine that does this will do."""

    def __call__(self, sound: Sound) -> str:
        """The words in `sound` (16,000 samples a second, one channel, -1 to 1), "" where it hears none."""
        ...


class SpeechProblem(HotlineError):
    """The engine cannot be built; `sentence` says in Chinese what is missing and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Unheard(HotlineError):
    """No sound could be read from these bytes: an unknown format, or a broken file."""


def read_sound(media_type: str, data: bytes) -> Sound:
    """A recording as an engine wants it, at most LONGEST_SECONDS of it. Raises Unheard."""
    demuxer = DEMUXERS.get(media_type)
    if demuxer is None:
        raise Unheard(media_type)
    try:
        return _decode(demuxer, data)
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise Unheard(media_type) from error


def _decode(demuxer: str, data: bytes) -> Sound:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    pieces: list[Sound] = []
    heard = 0
    with av.open(io.BytesIO(data), "r", format=demuxer) as box:
        for frame in box.decode(audio=0):
            for piece in resampler.resample(frame):
                pieces.append(piece.to_ndarray()[0])
                heard += piece.samples
            if heard >= RATE * LONGEST_SECONDS:
                break
    return np.concatenate(pieces)[: RATE * LONGEST_SECONDS] if pieces else np.zeros(0, np.float32)


class SherpaEngine:
    """sherpa-onnx with the office's own model, loaded at the first recording and kept; one recording at a time."""

    def __init__(self, kind: str, options: Mapping[str, Any]) -> None:
        self._kind, self._options = kind, options
        self._lock = threading.Lock()
        self._recogniser: Any = None

    def __call__(self, sound: Sound) -> str:
        with self._lock:
            if self._recogniser is None:
                self._recogniser = self._load()
            stream = self._recogniser.create_stream()
            stream.accept_waveform(RATE, sound)
            self._recogniser.decode_stream(stream)
            return str(stream.result.text).strip()

    def _load(self) -> Any:
        recogniser = import_module(LIBRARY).OfflineRecognizer
        return getattr(recogniser, f"from_{self._kind}")(**self._options)


def find_engine(folder: Path | None) -> SpeechEngine | None:
    """The engine whose model and `speech.toml` lie in `folder`; None where the office has set none.

    Raises SpeechProblem where the folder, a file in it or the library is missing.
    """
    if folder is None:
        return None
    options = _read_sheet(folder / SHEET)
    kind = options.pop("kind", "")
    if kind not in KINDS:
        raise SpeechProblem(f"{SHEET} 里的 kind 要写成 {'、'.join(KINDS)} 之一。")
    if find_spec(LIBRARY) is None:
        raise SpeechProblem("设了语音模型，还没装识别程序。请运行 pip install '.[speech]'。")
    return SherpaEngine(kind, {name: _resolve(folder, value) for name, value in options.items()})


def _read_sheet(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpeechProblem(f"语音模型的文件夹里没有 {SHEET}。写法见 docs/voice.md。") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpeechProblem(f"{SHEET} 没看懂：{error}") from None


def _resolve(folder: Path, value: object) -> object:
    """A file of the folder with its path; a number or a word that is no file name stays as it is."""
    if not isinstance(value, str) or Path(value).suffix not in {".onnx", ".txt"}:
        return value
    path = folder / value
    if Path(value).name != value or not path.is_file():
        raise SpeechProblem(f"{SHEET} 里写了 {value}，文件夹里没有这个文件。")
    return str(path)
