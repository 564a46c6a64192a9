"""What goes into a sheet that others open: no text of anybody's may become a formula there, in any width of sign."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def make_safe(text: str) -> str:
    """The text so that no program takes it for a formula, in a workbook or in a CSV made of it (pure)."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
