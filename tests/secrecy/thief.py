"""The thief: takes every byte that lies anywhere, opens whatever the server's secret opens, and looks for words.

He is honest about his tools: each way of writing a word down that our own programs use is searched.
"""

import base64
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import LargeBinary, select

from casework.errors import BrokenSeal
from casework.secrets import ServerSecrets
from casework.store import Base, Store
from intake.contents import COPY, ORIGINAL, THUMBNAIL, decrypt_content
from tests.infrastructure.databases import plain

PURPOSES = (
    *("attachment", "totp", "reply_address", "receipt", "idempotency", "vendor_token", "body_webhook", "server_key"),
    "held_part",
    "backup",
)
SHORTEST_BASE64 = 8
ATTACHMENT, PARTS = "attachment", (ORIGINAL, COPY, THUMBNAIL)


@dataclass
class Loot:
    """Bytes by the place where they lay."""

    pieces: dict[str, bytes] = field(default_factory=dict)

    def add(self, place: str, content: bytes) -> None:
        """Keep a piece; of an archive its members too."""
        self.pieces[place] = content
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    self.add(f"{place}!{name}", archive.read(name))

    def find(self, words: Mapping[str, str]) -> set[tuple[str, str]]:
        """Which words lie where: (name of the word, place)."""
        forms = {name: tuple(list_forms(word)) for name, word in words.items()}
        found = set()
        for place, content in self.pieces.items():
            lowered = content.lower()
            for name, ways in forms.items():
                if any(way in content or way.lower() in lowered for way in ways):
                    found.add((name, place))
        return found


def list_forms(word: str) -> Iterator[bytes]:
    """A word as bytes: the encodings, JSON's and SQL's escapes, hexadecimal, base64 at each of its three offsets."""
    spaced = (word, " ".join(word), word.replace(" ", ""))
    for said in dict.fromkeys(spaced):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
            raw = said.encode(encoding)
            yield raw
            yield raw.hex().encode()
            yield from base64_forms(raw)
        escaped = json.dumps(said)[1:-1]
        yield escaped.encode()
        yield escaped.replace("\\", "\\\\").encode()


def base64_forms(raw: bytes) -> Iterator[bytes]:
    """What stands in base64 of any text that holds these bytes, whatever comes before and after."""
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw)
        inner = whole[(0, 2, 3)[offset] : len(whole) - 4 if (offset + len(raw)) % 3 else len(whole)]
        if len(inner) >= SHORTEST_BASE64:
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")


def take_folder(loot: Loot, folder: Path) -> None:
    """Every file of the data folder: database, write-ahead log, shared memory, keys, backups, secret."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            loot.add(str(path.relative_to(folder)), path.read_bytes())


def take_cluster(loot: Loot, url: str) -> None:
    """A PostgreSQL database: each row of each table of each schema as text, and each file of it as it lies there."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, name in tables:
            dump = io.BytesIO()
            query = SQL("COPY {} TO STDOUT").format(Identifier(schema, name))
            with connection.cursor().copy(query) as rows:
                for row in rows:
                    dump.write(bytes(row))
            loot.add(f"dump/{schema}.{name}", dump.getvalue())
        oid = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert oid is not None
        take_relation_files(loot, connection, f"base/{oid[0]}")


def take_relation_files(loot: Loot, connection: psycopg.Connection, folder: str) -> None:
    """The files of a database, named by the table or index that they belong to."""
    names = {
        row[0]: row[1]
        for row in connection.execute(
            "SELECT pg_relation_filepath(oid), relname FROM pg_class WHERE relfilenode <> 0"
        ).fetchall()
    }
    for (name,) in connection.execute(SQL("SELECT pg_ls_dir({})").format(Literal(folder))).fetchall():
        path = f"{folder}/{name}"
        if names.get(path, "").startswith("pg_"):
            continue
        row = connection.execute("SELECT pg_read_binary_file(%s, 0, 1 << 29, true)", [path]).fetchone()
        if row is not None and row[0] is not None:
            loot.add(f"file/{names.get(path, name)}", bytes(row[0]))


def open_with_secret(loot: Loot, store: Store, secrets: ServerSecrets) -> list[str]:
    """Try the server's secret on every ciphertext of every table, under each purpose; tells what opened."""
    opened = []
    with store.read() as session:
        for table in Base.metadata.sorted_tables:
            blobs = [column for column in table.columns if isinstance(column.type, LargeBinary)]
            for row in session.execute(select(table)).mappings() if blobs else ():
                for column in blobs:
                    for purpose, plaintext in try_purposes(row[column.name], row, secrets):
                        opened.append(f"{table.name}.{column.name}")
                        loot.add(f"opened/{table.name}.{column.name}/{purpose}/{len(opened)}", plaintext)
                        if purpose == ATTACHMENT:
                            use_key(loot, row, plaintext)
    return opened


def use_key(loot: Loot, row: Mapping[Any, Any], key: bytes) -> None:
    """What a file's own key opens of its row."""
    for part in PARTS:
        try:
            if row[part] is not None:
                loot.add(f"opened/{ATTACHMENT}.{part}/{row['id']}", decrypt_content(key, row["id"], part, row[part]))
        except BrokenSeal:
            continue


def try_purposes(blob: bytes | None, row: Mapping[Any, Any], secrets: ServerSecrets) -> Iterator[tuple[str, bytes]]:
    """What a ciphertext holds under any purpose, bound to any id that stands in its row."""
    if not blob:
        return
    for purpose in PURPOSES:
        for bound in list_bounds(row):
            try:
                yield purpose, secrets.decrypt(purpose, bytes(blob), bound)
            except BrokenSeal:
                continue


def list_bounds(row: Mapping[Any, Any]) -> Iterable[bytes]:
    """The ids that a ciphertext of this row may be bound to."""
    ids = [value for value in row.values() if isinstance(value, str)]
    return [b"", *(f"{value}{end}".encode() for value in ids for end in ("", "/verifier", "/key"))]
