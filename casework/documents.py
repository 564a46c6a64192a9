"""Setting a paper as PDF after the measures of GB/T 9704, with a compiler that is kept.

A compiler looks through all fonts when it is made (half a second) and then needs a few milliseconds a document, so the
wiring makes one and functions are given it.
"""

import json
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Literal

import typst

from casework.errors import HotlineError
from casework.fonts import FontChoice, MissingFonts, choose_fonts
from casework.papers import Paper

TEMPLATE = "data/documents/paper.typ"
PACKAGED_FONTS = Path(str(files("manimgx_fonts_cjk")))
NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""The creation time written into every PDF, so that the same paper gives the same bytes and tells no hour."""
SCREEN_DOTS = 96
"""Dots an inch of the pictures on a screen."""


class DocumentFault(HotlineError):  # what went wrong with a document
    """The paper could not be set as it should; `codes` are the compiler's words on the template, not the text."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(codes)
        self.codes = codes


class Typesetter:
    """A kept compiler and its fonts; one document at a time, because the compiler is not made for threads."""

    def __init__(self, compiler: typst.Compiler, fonts: FontChoice, template: bytes) -> None:
        self.fonts = fonts
        self._compiler = compiler
        self._template = template
        self._lock = threading.Lock()

    def set_paper(self, inputs: dict[str, str]) -> bytes:
        """The template with these inputs as PDF; a warning of the compiler is an error (DocumentFault)."""
        return self._set(self._template, inputs)

    def set_sheet(self, template: bytes, inputs: dict[str, str]) -> bytes:
        """Another template with these inputs and our fonts as PDF, by the same compiler; raises DocumentFault."""
        return self._set(template, inputs | {"fonts": name_fonts(self.fonts)})

    def _set(self, template: bytes, inputs: dict[str, str]) -> bytes:
        made = self._compile(template, inputs, "pdf", None)
        if not isinstance(made, bytes):
            raise DocumentFault(("no document",))
        return made

    def draw_paper(self, inputs: dict[str, str], *, dots: int) -> list[bytes]:
        """The same as one PNG a page, at so many dots an inch, for looking at on a screen."""
        made = self._compile(self._template, inputs, "png", float(dots))
        return [made] if isinstance(made, bytes) else list(made or [])

    def _compile(
        self, template: bytes, inputs: dict[str, str], kind: Literal["pdf", "png"], dots: float | None
    ) -> bytes | list[bytes] | None:
        with self._lock:
            try:
                made, warnings = self._compiler.compile_with_warnings(
                    template, format=kind, ppi=dots, sys_inputs=inputs, timestamp=NO_TIME
                )
            except typst.TypstError as error:
                raise DocumentFault((error.message,)) from None
        if warnings:
            raise DocumentFault(tuple(warning.message for warning in warnings))
        return made


def build_typesetter(font_dir: Path | None = None, *, system_fonts: bool = True) -> Typesetter:
    """The compiler with the office's fonts, the system's (unless left out) and the packaged one; made once at start.

    Raises MissingFonts where no Chinese font is found at all.
    """
    template = (files("casework") / TEMPLATE).read_bytes()
    folders = [font_dir] if font_dir else []
    found = _find_fonts(folders, system_fonts=system_fonts)
    try:
        choice = choose_fonts(found.families())
    except MissingFonts:
        found = _find_fonts([*folders, PACKAGED_FONTS], system_fonts=system_fonts)
        choice = choose_fonts(found.families())
    return Typesetter(typst.Compiler(font_paths=found), choice, template)


def _find_fonts(folders: list[Path], *, system_fonts: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=system_fonts, include_embedded_fonts=False, font_paths=folders)


def to_pdf(paper: Paper, typesetter: Typesetter) -> bytes:
    """The paper as PDF, fonts embedded, text extractable, no author, no hour.

    A draft's banner is followed by a line on the fonts that stand in for those the standard names.
    Raises DocumentFault for an unknown font or a fault of the template.
    """
    return typesetter.set_paper(_inputs(paper, typesetter))


def to_pictures(paper: Paper, typesetter: Typesetter, *, dots: int = SCREEN_DOTS) -> list[bytes]:
    """The paper as the pictures that the console shows, a PNG a page. Raises DocumentFault."""
    return typesetter.draw_paper(_inputs(paper, typesetter), dots=dots)


def _inputs(paper: Paper, typesetter: Typesetter) -> dict[str, str]:
    fields = asdict(paper) | {
        "annex_lines": paper.annex_lines,
        "font_note": typesetter.fonts.note if paper.banner else "",
    }
    return {"paper": _to_json(fields), "fonts": name_fonts(typesetter.fonts)}


def name_fonts(choice: FontChoice) -> str:
    """The fonts of each role, as the templates read them."""
    fonts: dict[str, object] = {
        role.value: {"families": font.families, "weight": font.weight} for role, font in choice.roles.items()
    }
    return _to_json(fonts)


def _to_json(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False)
