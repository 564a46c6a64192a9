"""A report's whole text, where a form or a sheet holds home, place and time beside the story. Pure."""

from collections.abc import Iterable

from intake.types import Told


def tell_whole(story: str, told: Told, more: Iterable[str] = ()) -> str:
    """The story, and below it a line for whatever of home, place and time it does not say itself.

    Triage, the conflict test and whoever handles it read the one text.
    """
    where = "".join(part for part in (told.institution, told.place) if part and part not in story)
    lines = [story, f"地点：{where}。" if where else ""]
    if told.when and told.when not in story:
        lines.append(f"时间：{told.when}。")
    return "\n".join(line for line in (*lines, *more) if line)
