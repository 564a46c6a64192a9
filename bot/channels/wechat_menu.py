"""The menu of the WeChat account, read from data and held against what the vendor takes, before it is published.

The office changes the file; whatever is wrong in it is said with its entry, and nothing half right reaches the vendor.
"""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from casework.errors import DataError

MENU_FILE = Path(__file__).parent.parent / "data" / "menu.toml"
BUTTONS, SUBS = 3, 5
NAME_LIMIT, SUB_NAME_LIMIT = 4, 8
KEY_BYTES, URL_BYTES = 128, 1024


def read_menu(path: Path = MENU_FILE, *, public_url: str, keys: Collection[str]) -> Mapping[str, Any]:
    """The menu as the vendor wants it: `{"button": [...]}`.

    At most three buttons and five under each, names of 4 and 8 characters, each either a `key` that the talk knows
    (`keys`) or a `page` of ours under `public_url`. Raises DataError with the entry that is wrong.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        buttons = raw["button"]
        entries = [_button(entry, path.name, public_url, keys) for entry in buttons]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DataError(path.name, f"{type(error).__name__}: {error}") from error
    if not 1 <= len(entries) <= BUTTONS:
        raise DataError(path.name, f"button: 1 to {BUTTONS}, not {len(entries)}")
    return {"button": entries}


def list_menu(menu: Mapping[str, Any]) -> list[str]:
    """The menu as lines for a person: a button a line, what lies under it indented."""
    lines = []
    for button in menu["button"]:
        lines.append(_line(button))
        lines += [f"  {_line(sub)}" for sub in button.get("sub_button", ())]
    return lines


def _line(button: Mapping[str, Any]) -> str:
    target = button.get("url") or button.get("key")
    return f"{button['name']} -> {target}" if target else str(button["name"])


def _button(entry: Mapping[str, Any], file: str, public_url: str, keys: Collection[str]) -> dict[str, Any]:
    subs = entry.get("sub", [])
    if not subs:
        return _leaf(entry, file, NAME_LIMIT, public_url, keys)
    if len(subs) > SUBS:
        raise DataError(file, f"{entry['name']}: at most {SUBS} under a button")
    under = [_leaf(sub, file, SUB_NAME_LIMIT, public_url, keys) for sub in subs]
    return {"name": _name(entry, file, NAME_LIMIT), "sub_button": under}


def _leaf(entry: Mapping[str, Any], file: str, limit: int, public_url: str, keys: Collection[str]) -> dict[str, Any]:
    name, key, page = _name(entry, file, limit), entry.get("key"), entry.get("page")
    if (key is None) == (page is None):
        raise DataError(file, f"{name}: either key or page")
    if page is None:
        if key not in keys or len(str(key).encode()) > KEY_BYTES:
            raise DataError(file, f"{name}: no such key: {key}")
        return {"type": "click", "name": name, "key": key}
    url = f"{public_url}{page}"
    if not page.startswith("/") or len(url.encode()) > URL_BYTES:
        raise DataError(file, f"{name}: a page begins with /")
    return {"type": "view", "name": name, "url": url}


def _name(entry: Mapping[str, Any], file: str, limit: int) -> str:
    name = str(entry["name"])
    if not 1 <= len(name) <= limit:
        raise DataError(file, f"{name}: a name has 1 to {limit} characters")
    return name
