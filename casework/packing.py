"""The form of an evidence package: a tar with a manifest and sums, made piece by piece and locked with age on the way.

What is in it stands on no disk in plain and never in memory as a whole: each thing is opened when its turn comes.
"""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from pyrage import EncryptError, RecipientError, encrypt, encrypt_io, x25519

from casework.errors import HotlineError, InvalidField

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")
SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.IGNORECASE)
BLOCK = tarfile.BLOCKSIZE


class BrokenPackage(HotlineError):
    """A package was changed: `item` is the first thing in it that is missing, new, or not what the manifest says."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a package; `title` is what a person calls it."""

    name: str
    title: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Its fingerprint, as `sha256sum` writes it."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One thing on its way into a package, opened by `load` when its turn comes; `told` goes into the manifest."""

    name: str
    title: str
    load: Callable[[], bytes] = field(repr=False)
    told: Mapping[str, Any] = field(default_factory=dict)


class PulledTar(io.RawIOBase):
    """A tar that is made while it is read: enclosures, manifest, sums. `fingerprint` is known once it was read."""

    def __init__(self, enclosures: Iterable[Enclosure], head: Mapping[str, Any], custody: Sequence[Mapping[str, Any]]):
        super().__init__()
        self.fingerprint = ""
        self.items = 0
        self.failure: HotlineError | None = None
        self._pieces = self._make(enclosures, head, custody)
        self._rest = b""

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        while not self._rest:
            piece = self._next()
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def _next(self) -> bytes | None:
        """The next piece; a fault is kept, because age tells of it in a text of its own."""
        try:
            return next(self._pieces, None)
        except HotlineError as error:
            self.failure = error
            raise

    def _make(
        self, enclosures: Iterable[Enclosure], head: Mapping[str, Any], custody: Sequence[Mapping[str, Any]]
    ) -> Iterator[bytes]:
        listed: list[dict[str, Any]] = []
        for each in enclosures:
            item = Item(each.name, each.title, each.load())
            listed.append({**_list_item(item), **each.told})
            yield from _write_entry(item)
        manifest = Item(MANIFEST, "清单", to_json({**head, "items": listed, "custody": list(custody)}))
        self.fingerprint, self.items = manifest.sha256, len(listed)
        yield from _write_entry(manifest)
        yield from _write_entry(Item(SUMS, "校验和", _write_sums([*listed, _list_item(manifest)])))
        yield bytes(2 * BLOCK)


def lock_stream(tar: PulledTar, key: str, writer: IO[bytes]) -> None:
    """Lock a tar to a body's age key while it is made. Raises InvalidField(key); what an enclosure raises comes out."""
    recipient = read_age_key(key)
    try:
        encrypt_io(tar, writer, [recipient])
    except EncryptError as error:
        raise tar.failure or InvalidField("key", "not_an_age_key") from error


def build_manifest(head: Mapping[str, Any], items: Sequence[Item], custody: Sequence[Mapping[str, Any]]) -> bytes:
    """The manifest as JSON: whose it is, each item with its fingerprint and length, who had it when (pure)."""
    return to_json({**head, "items": [_list_item(item) for item in items], "custody": list(custody)})


def pack_items(items: Iterable[Item], manifest: bytes) -> bytes:
    """The tar: items, manifest, and the sums as `sha256sum -c` reads them; no owner, no hour (pure)."""
    whole = [*items, Item(MANIFEST, "清单", manifest)]
    sums = Item(SUMS, "校验和", _write_sums([_list_item(item) for item in whole]))
    return b"".join(piece for item in (*whole, sums) for piece in _write_entry(item)) + bytes(2 * BLOCK)


def lock_package(tar: bytes, key: str) -> bytes:
    """The tar locked to a body's age key, as the standard `age` tool opens it. Raises InvalidField(key)."""
    try:
        locked: bytes = encrypt(tar, [read_age_key(key)])
    except EncryptError as error:
        raise InvalidField("key", "not_an_age_key") from error
    return locked


def read_age_key(key: str) -> x25519.Recipient:
    """A body's public key. Raises InvalidField(key, not_an_age_key)."""
    if not AGE_KEY.fullmatch(key):
        raise InvalidField("key", "not_an_age_key")
    try:
        return x25519.Recipient.from_str(key)
    except RecipientError:
        raise InvalidField("key", "not_an_age_key") from None


def check_package(tar: bytes, *, fingerprint: str = "") -> dict[str, Any]:
    """The manifest of an opened package in which every item is what the manifest says.

    With `fingerprint` (told by the sender by another way) a manifest that was written anew is found out too.
    Raises BrokenPackage with the first item that is missing, added, twice there or changed.
    """
    found = read_tar(tar)
    manifest = found.pop(MANIFEST, None)
    sums = found.pop(SUMS, None)
    if manifest is None or sums is None:
        raise BrokenPackage(MANIFEST if manifest is None else SUMS)
    if fingerprint and hashlib.sha256(manifest).hexdigest() != fingerprint:
        raise BrokenPackage(MANIFEST)
    try:
        told: dict[str, Any] = json.loads(manifest)
        said = {str(item["name"]): str(item["sha256"]) for item in told["items"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BrokenPackage(MANIFEST) from None
    for name in sorted({*said, *found}):
        if name not in found or hashlib.sha256(found[name]).hexdigest() != said.get(name):
            raise BrokenPackage(name)
    return told


def read_tar(tar: bytes) -> dict[str, bytes]:
    """The files of a tar by name. Raises BrokenPackage for one that is none, or has a name twice."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as opened:
            for entry in opened:
                held = opened.extractfile(entry)
                if held is None or entry.name in found:
                    raise BrokenPackage(entry.name)
                found[entry.name] = held.read()
    except tarfile.TarError:
        raise BrokenPackage("tar") from None
    return found


def to_json(value: Mapping[str, Any]) -> bytes:
    """JSON as a person can read it, keys in order, days as days (pure)."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_say) + "\n").encode()


def _write_entry(item: Item) -> Iterator[bytes]:
    """One file of the tar. A name that could leave the folder it is unpacked in is a fault of ours (ValueError)."""
    if not SAFE_NAME.fullmatch(item.name):
        raise ValueError("an unsafe name")
    entry = tarfile.TarInfo(item.name)
    entry.size, entry.mode = len(item.content), 0o600
    yield entry.tobuf(tarfile.USTAR_FORMAT)
    yield item.content
    yield bytes(-len(item.content) % BLOCK)


def _list_item(item: Item) -> dict[str, Any]:
    return {"name": item.name, "title": item.title, "bytes": len(item.content), "sha256": item.sha256}


def _write_sums(listed: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(f"{each['sha256']}  {each['name']}\n" for each in listed).encode()


def _say(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
