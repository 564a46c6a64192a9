"""Running a process: the web with work beside it, or work alone; quiet logs without addresses.

A start without a vault is refused here, because the first report could not be sealed.
"""

import gc
import logging
from contextlib import suppress

import structlog
import uvicorn

from api.app import create_app
from api.engine import EngineThread, end_process, run_worker
from api.jobs import build_job_engine
from api.keyfaults import say_fault
from api.redaction import redact_event
from api.settings import MissingSetting
from api.wiring import House
from casework.errors import VaultNotSetUp
from casework.pins import find_faults
from casework.vaultsetup import require_vault

STOP_SECONDS = 5


def set_up_logging() -> None:
    """One JSON line an event on standard error: event, level, time and the few facts given; no address, no text.

    Numbers that name a person are masked in every line, our own and the libraries'.
    """
    structlog.configure(
        logger_factory=structlog.stdlib.LoggerFactory(),
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact_event,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("hotline").setLevel(logging.INFO)


def tell_channels(house: House) -> None:
    """One line in the log for each way in that is not our own; of Telegram's also where its messages go."""
    logger = structlog.get_logger("hotline.channels")
    if house.wechat is not None:
        logger.info("wechat_on", writes_first=house.wechat.api is not None)
    if house.telegram is not None:
        mode = house.telegram.account.mode.value
        logger.warning("telegram_on", mode=mode, note="Telegram 的消息经过境外服务器，离开大陆")


def check_vault(house: House) -> None:
    """Raise MissingSetting before the vault is set up."""
    try:
        with house.store.read() as session:
            require_vault(session)
            faults = find_faults(session)
    except VaultNotSetUp:
        raise MissingSetting(
            "密件库还没有建。先用 hotline staff add 加两位密件员，再运行 hotline staff vault。"
        ) from None
    for line in map(say_fault, faults):
        structlog.get_logger("hotline.keys").error("key_swapped", note=line)


def build_server(house: House, *, host: str, port: int, jobs: bool) -> tuple[uvicorn.Server, EngineThread | None]:
    """The web server around a house, with the engine of work beside it if `jobs`."""
    engine = EngineThread(build_job_engine(house, slot="serve")) if jobs else None
    config = uvicorn.Config(
        create_app(house, engine=engine),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return uvicorn.Server(config), engine


def run_serve(house: House, *, host: str, port: int, jobs: bool) -> None:
    """`hotline serve`: until it is told to stop."""
    set_up_logging()
    check_vault(house)
    tell_channels(house)
    server, engine = build_server(house, host=host, port=port, jobs=jobs)
    gc.freeze()  # the house stays; no request should have it searched for garbage
    with suppress(KeyboardInterrupt):  # the server has stopped in order when it passes Ctrl-C on
        server.run()
    house.close()
    if engine is not None:
        end_process(finished=engine.finished)


def run_worker_command(house: House) -> None:
    """`hotline worker`: until it is told to stop."""
    set_up_logging()
    check_vault(house)
    tell_channels(house)
    finished = run_worker(EngineThread(build_job_engine(house, slot="worker")))
    house.close()
    end_process(finished=finished)
