"""How a page is drawn: one template environment with the few words and shapes that all pages share.

Dates are written as people say them, in Shanghai; nothing here decides anything.
"""

import hashlib
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from casework.clock import local_date, local_time

WEEKDAYS = "一二三四五六日"
SIZES = ("normal", "large", "huge")
SIZE_COOKIE = "size"


def say_day(day: date | datetime | None, today: date | None = None) -> str:
    """10月8日(星期四); with the year where it is not this one."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = local_date(day)
    year = f"{day.year}年" if today is not None and day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日(星期{WEEKDAYS[day.weekday()]})"


def say_date(day: date | None) -> str:
    """11月22日, where a column has no room for the weekday."""
    return f"{day.month}月{day.day}日" if day else ""


def say_time(moment: datetime | None, today: date | None = None) -> str:
    """17:30 for today, 10月8日 17:30 otherwise."""
    if moment is None:
        return ""
    local = local_time(moment)
    clock = f"{local:%H:%M}"
    return clock if today == local.date() else f"{local.month}月{local.day}日 {clock}"


def group_code(code: str) -> list[str]:
    """A receipt's sixteen digits in four groups of four."""
    return [code[i : i + 4] for i in range(0, len(code), 4)]


def build_environment() -> Environment:
    """The template environment: escaping on, a name that does not exist is an error."""
    environment = Environment(
        loader=PackageLoader("api"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(day=say_day, moment=say_time, groups=group_code)
    environment.globals["version"] = _static_version()
    return environment


def draw(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page from `template`; the house, the print size and today are always there."""
    house = request.app.state.house
    size = request.cookies.get(SIZE_COOKIE, SIZES[0])
    page = house.pages.get_template(template).render(
        request=request,
        office=house.office,
        size=size if size in SIZES else SIZES[0],
        today=local_date(house.now()),
        **values,
    )
    return HTMLResponse(page, status)


def _static_version() -> str:
    """A mark that changes with any of the files that pages ask for, so that browsers keep them until it does."""
    folder = files("api") / "static"
    contents = (each.read_bytes() for each in sorted(folder.iterdir(), key=lambda each: each.name))
    return hashlib.sha256(b"".join(contents)).hexdigest()[:8]
