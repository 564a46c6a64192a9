"""What people send through Telegram lies in the cloud: fetched here by its file id, up to the cloud's own 20 MB.

The address of a file holds the bot's token, so it is never kept and never logged.
"""

from bot.channels import SendError, SendProblem
from bot.channels.telegram import TelegramChannel
from casework.types import Channel
from intake.filetypes import LARGEST_OF_ALL

SECONDS = 30.0


def fetch_telegram_file(channel: TelegramChannel, file_id: str) -> bytes:
    """The file behind an id. Raises SendError (too_large, gone for an id the cloud no longer knows, later)."""
    try:
        with channel.open_line(seconds=SECONDS) as line:
            return line.read_file(file_id, most=LARGEST_OF_ALL)
    except SendError as problem:
        if problem.problem is not SendProblem.REFUSED:
            raise
        raise SendError(Channel.TELEGRAM, SendProblem.GONE, problem.code) from None
