"""A package that comes back from anywhere: whole, or refused by the name of the piece that was changed."""

from contextlib import suppress

from casework.packing import BrokenPackage, Item, build_manifest, check_package, pack_items

ITEMS = (Item("01-letter.txt", "函", b"one"), Item("02-list.txt", "清单", b"two"))
NESTED = pack_items(ITEMS, b"[" * 20_000)
SEEDS = (b"", pack_items(ITEMS, build_manifest({"office": "x", "number": "1"}, ITEMS, ())), NESTED)


def feed(data: bytes) -> None:
    """Nothing but the one refusal comes out of a changed one."""
    with suppress(BrokenPackage):
        check_package(data)
