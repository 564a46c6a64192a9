"""`hotline chat`: whole dialogues through the same front desk as every channel, each on a private database in memory.

What comes out is read from the report that was stored, opened with ring keys that exist only for this run.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.settings import load_settings
from bot.channels import Inbound, MediaRef, MessageKind
from bot.conversations import find_talk
from bot.frontdesk import FrontDesk, answer_inbound, build_front_desk, file_silent_talks
from bot.reading import NOT_COMPLAINTS
from bot.types import Reply
from casework import clock
from casework.ceremonies import open_recovery_key
from casework.errors import HotlineError
from casework.institutions import load_directory
from casework.jobs import create_tables
from casework.keyshelf import MemoryShelf
from casework.ledger import SYSTEM
from casework.limits import load_rules
from casework.models import Body, CaseKey, Officer
from casework.office import Office
from casework.offices import find_office_file, load_office_data, read_office_data
from casework.rings import ring_private_key
from casework.secrets import generate_secret_file, load_secrets
from casework.store import Base, Store
from casework.types import Channel, Role
from casework.vault import KdfStrength, unseal_record, unwrap_private_key
from casework.vaultsetup import set_up_vault
from casework.workdays import WorkCalendar, load_calendar
from intake.models import Report, Reporter
from intake.reporters import open_report
from intake.types import IntakeDesk, Revealed
from triage.context import Context, build_context

SENDER = "chat"
OUT_OF_SCOPE = "out_of_scope"
BETWEEN = timedelta(seconds=20)
TIMERS = (timedelta(minutes=9), timedelta(minutes=11), timedelta(hours=1), timedelta(hours=12), timedelta(hours=24))
"""When the timers are looked at after the last turn; between these nothing can fall due."""

THROW_AWAY = KdfStrength(passes=1, memory_kib=8)
"""These keys live as long as one dialogue; nothing real is ever under them."""

KINDS = {
    "[图片]": MessageKind.IMAGE,
    "[语音]": MessageKind.VOICE,
    "[视频]": MessageKind.VIDEO,
    "[位置]": MessageKind.LOCATION,
}
# No dialogue calls anybody so: whoever were complained of would be kept away from the case, and it stayed closed.
NOBODY = "夔龘靐"
TALKING = (Channel.WEB, Channel.WECHAT, Channel.TELEGRAM)


@dataclass(frozen=True)
class Room:
    """A private house for one dialogue: database, desk, and an officer whose keys open what is filed."""

    store: Store
    desk: FrontDesk
    officer: Officer
    private_key: bytes
    recovery_key: str


@dataclass
class Track:
    """What was seen on the way; erased words leave nothing else behind."""

    replies: list[list[str]]
    emergency: bool = False
    handoff: bool = False
    code: str | None = None
    case_id: str | None = None
    anonymous: bool | None = None
    category: str | None = None
    text: str = ""
    complained: bool = False


@dataclass(frozen=True)
class Fixture:
    """What all rooms of a run share: the office's file, its calendar, triage's warm context."""

    office_file: Path
    calendar: WorkCalendar
    context: Context


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command("chat", help="让一段段对话走一遍前台：一行一个 JSON 对象。")
    def chat(
        file: Annotated[Path | None, typer.Argument(help="JSON Lines 文件，缺省读标准输入", show_default=False)] = None,
        channel: Annotated[str, typer.Option("--channel", help="渠道：web、wechat 或 telegram")] = Channel.WEB.value,
    ) -> None:
        """Run dialogues, one a line."""
        if channel not in [each.value for each in TALKING]:
            raise typer.BadParameter("web、wechat 或 telegram", param_hint="--channel")
        with _opened(file) as lines:
            for answer in chat_lines(lines, Channel(channel), build_fixture()):
                typer.echo(json.dumps(answer, ensure_ascii=False))


def _opened(file: Path | None) -> TextIO:
    return sys.stdin if file in (None, Path("-")) else file.open(encoding="utf-8", errors="replace")


def build_fixture(office: str | None = None) -> Fixture:
    """What the rooms share; the office is the one that is set, or the packaged invented one."""
    path = find_office_file(office or load_settings().office)
    return Fixture(path, load_calendar(), build_context())


def chat_lines(lines: Iterable[str], channel: Channel, fixture: Fixture) -> Iterator[dict[str, Any]]:
    """Answer each non-empty line; a bad one gives `{"id", "error"}`, unknown keys are passed through."""
    for line in lines:
        if not line.strip():
            continue
        row: Any = None
        try:
            row = json.loads(line)
            turns = _read_turns(row)
        except (ValueError, KeyError, TypeError) as error:
            yield {"id": row.get("id") if isinstance(row, dict) else None, "error": str(error)}
            continue
        known = {name: value for name, value in row.items() if name != "turns"}
        try:
            answer = run_dialogue(turns, channel, fixture)
        except (HotlineError, SQLAlchemyError, LookupError, ValueError, TypeError, OSError) as error:
            answer = {"error": type(error).__name__}
        yield {**known, **answer}


def _read_turns(row: Any) -> list[str]:
    turns = row["turns"]
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        raise TypeError("turns must be a list of texts")
    return turns


def run_dialogue(turns: list[str], channel: Channel, fixture: Fixture) -> dict[str, Any]:
    """One dialogue in a room of its own; after the last turn the clock runs on for a day with its timers."""
    start = clock.now()
    room = build_room(fixture, start)
    track = Track(replies=[])
    try:
        for number, turn in enumerate(turns):
            now = start + BETWEEN * number
            reply = answer_inbound(room.store, to_inbound(turn, channel, number, now), desk=room.desk, now=now)
            _follow(room, track, channel, reply, now)
        _run_on(room, track, channel, start + BETWEEN * len(turns))
        return _report(room, track)
    finally:
        room.store.close()


def to_inbound(turn: str, channel: Channel, number: int, now: datetime) -> Inbound:
    """A turn as a message of its kind; other bracketed words are stickers, which are text."""
    kind = KINDS.get(turn.strip(), MessageKind.TEXT)
    media = () if kind in (MessageKind.TEXT, MessageKind.LOCATION) else (MediaRef(kind, f"media-{number}"),)
    return Inbound(
        channel=channel,
        account="chat",
        sender=SENDER,
        message_id=str(number),
        kind=kind,
        received_at=now,
        text=turn if kind is MessageKind.TEXT else "",
        media=media,
        sent_at=now,
    )


def _follow(room: Room, track: Track, channel: Channel, reply: Reply | None, now: datetime) -> None:
    with room.store.read() as session:
        talk = find_talk(session, channel, SENDER, days=room.desk.days, shelf=room.desk.intake.keys, now=now)
    if reply is not None:
        track.replies.append(reply.text.splitlines())
        track.code = reply.receipt_code or track.code
    if talk is None:
        return
    track.anonymous = talk.anonymous
    track.complained |= talk.is_complaint
    track.category = talk.category or track.category
    track.text = talk.text or track.text
    track.emergency |= talk.is_urgent
    track.handoff |= talk.handed_over
    track.case_id = talk.case_id or track.case_id
    track.code = track.code or talk.code


def _run_on(room: Room, track: Track, channel: Channel, now: datetime) -> None:
    for later in TIMERS:
        if file_silent_talks(room.store, room.desk, now + later):
            _follow(room, track, channel, None, now + later)


def _report(room: Room, track: Track) -> dict[str, Any]:
    filed = track.case_id is not None
    revealed = _open_reports(room, track.case_id) if track.case_id is not None else []
    told = _merge(revealed)
    return {
        "filed": filed,
        "categories": _categories(room, track, "\n".join(each.original for each in revealed)),
        **told,
        "anonymous": told["anonymous"] if filed else track.anonymous,
        "emergency": track.emergency,
        "handoff": track.handoff,
        "receipt": track.code if filed else None,
        "replies": track.replies,
    }


def _categories(room: Room, track: Track, stored: str) -> list[str]:
    """What triage says of the stored report, or of the message in it that complains; where nothing was filed, of the
    talk.
    """
    if not stored and not track.complained:
        return [track.category] if track.category in NOT_COMPLAINTS and not _is_elsewhere(track) else []
    told = stored or track.text
    verdicts = [room.desk.assess(words, Channel.WEB, clock.now()) for words in (told, *told.split("\n"))]
    best = next((each for each in verdicts if each.category not in NOT_COMPLAINTS), verdicts[0])
    return [score.code for score in best.categories]


def _is_elsewhere(track: Track) -> bool:
    """A talk for a person, about this desk itself, has no category."""
    return track.handoff and track.category == OUT_OF_SCOPE


def _open_reports(room: Room, case_id: str) -> list[Revealed]:
    """What was stored of a case, opened: first what was told first, then what was added."""
    with room.store.read() as session:
        return [_open_one(session, room, report) for report in _list(session, case_id)]


def _list(session: Session, case_id: str) -> list[Report]:
    return list(session.scalars(select(Report).where(Report.case_id == case_id).order_by(text("rowid"))))


def _open_one(session: Session, room: Room, report: Report) -> Revealed:
    reporter = session.scalars(select(Reporter).where(Reporter.report_id == report.id)).one()
    rings = {
        ring: ring_private_key(session, room.officer, room.private_key, ring)
        for ring in {report.ring_id, reporter.ring_id}
    }
    key = _open_case_key(session, room, report.case_id) if report.sealed else None
    return open_report(report, reporter, rings, key)


def _open_case_key(session: Session, room: Room, case_id: str) -> bytes:
    """By the recovery key, for the officer himself may be kept out of what complains of his desk."""
    recovery, private = open_recovery_key(session, room.recovery_key)
    held = session.scalars(
        select(CaseKey).where(CaseKey.case_id == case_id, CaseKey.recovery_key_id == recovery.id)
    ).one()
    return bytes.fromhex(unseal_record(private, held.id, held.wrapped_key)["key"])


def _merge(revealed: list[Revealed]) -> dict[str, Any]:
    """The facts as last told: what an addition says stands before what was said first."""
    merged: dict[str, Any] = {"institution": None, "place": None, "when": None, "anonymous": None, "phone": None}
    for each in revealed:
        found = {
            "institution": each.told.institution,
            "place": each.told.place,
            "when": each.told.when,
            "anonymous": each.anonymous,
            "phone": each.contact.phone or None,
        }
        merged |= {name: value for name, value in found.items() if value is not None}
    return merged


def build_room(fixture: Fixture, now: datetime) -> Room:
    """A fresh private database with the office's directory, the vault set up with keys to throw away."""
    store = Store("sqlite://")
    Base.metadata.create_all(store.engine)
    create_tables(store)
    data = read_office_data(fixture.office_file)
    with store.write() as session:
        load_office_data(session, fixture.office_file, by=SYSTEM, now=now)
        officer = _add_officer(session, now)
        sheet = set_up_vault(session, [officer], strength=THROW_AWAY, now=now)
    with store.read() as session:
        context = fixture.context.with_directory(load_directory(session))
    private_key = unwrap_private_key(officer.wrapped_private_key or b"", dict(sheet.passphrases)[officer.username])
    office = Office(
        name=str(data.office["name"]),
        district=str(data.office["district"]),
        calendar=fixture.calendar,
        rules=load_rules(),
        bypass_authority="对话专用",
    )
    desk = IntakeDesk(
        contexts=lambda: context, office=office, secrets=load_secrets(generate_secret_file()), keys=MemoryShelf()
    )
    return Room(store, build_front_desk(desk), officer, private_key, sheet.recovery_key)


def _add_officer(session: Session, now: datetime) -> Officer:
    officer = Officer(
        username=SENDER,
        name="对话钥匙",
        body_code=_some_internal_body(session),
        roles=[Role.CLUE_OFFICER.value],
        aliases=[],
        towns=[],
        password_hash="",
        created_at=now,
    )
    session.add(officer)
    session.flush()
    return officer


def _some_internal_body(session: Session) -> str:
    return session.scalars(select(Body.code).where(Body.internal.is_(True)).order_by(Body.code)).first() or ""
