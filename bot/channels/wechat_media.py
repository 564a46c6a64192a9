"""What people send through WeChat lies with the vendor for three days: fetched here, with a limit, by its media id.

An error comes back as JSON with status 200, a film as JSON with an address; anything else is the file itself.
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from bot.channels import SendError, SendProblem
from bot.channels.wechat_api import PROBLEMS, WeChatApi
from casework.types import Channel
from intake.filetypes import LARGEST_OF_ALL

PATH = "/cgi-bin/media/get"
SECONDS = httpx.Timeout(30.0, connect=5.0)
MOST_JSON = 64 * 1024
MEDIA_PROBLEMS: Mapping[int, SendProblem] = {
    **PROBLEMS,
    40007: SendProblem.GONE,
    40004: SendProblem.GONE,
    41006: SendProblem.GONE,
}
"""What the vendor's numbers mean here: an unknown or expired media id is gone for good."""


def fetch_wechat_medium(api: WeChatApi, media_id: str) -> bytes:
    """The file behind a media id, never more than we take. Raises SendError (gone, too_large, later, ...)."""
    return api.with_token(lambda token: _fetch(api, token, media_id))


def _fetch(api: WeChatApi, token: str, media_id: str) -> bytes:
    said, body = _get(f"{api.base}{PATH}", {"access_token": token, "media_id": media_id})
    if "json" not in said and "text" not in said:
        return body
    answer = _read_json(body)
    film = answer.get("video_url")
    if isinstance(film, str) and film.startswith(("https://", "http://")):
        return _get(film, {})[1]
    code = answer.get("errcode", 0)
    number = code if isinstance(code, int) else 0
    raise SendError(Channel.WECHAT, MEDIA_PROBLEMS.get(number, SendProblem.LATER), str(number))


def _get(address: str, query: Mapping[str, str]) -> tuple[str, bytes]:
    """Content type and body. The address holds the token, so the library's own error is not kept."""
    try:
        with httpx.stream("GET", address, params=query, timeout=SECONDS, follow_redirects=False) as response:
            response.raise_for_status()
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > LARGEST_OF_ALL:
                    raise SendError(Channel.WECHAT, SendProblem.TOO_LARGE, "size")
            return response.headers.get("content-type", "").lower(), bytes(body)
    except httpx.HTTPError:
        raise SendError(Channel.WECHAT, SendProblem.LATER, "http") from None


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body[:MOST_JSON])
    except ValueError:
        raise SendError(Channel.WECHAT, SendProblem.LATER, "shape") from None
    return answer if isinstance(answer, dict) else {}
