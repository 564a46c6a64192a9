"""The door of the integration API: whose key it is, what it may do, and errors as JSON with a code and a sentence.

A key that may not see a thing gets the same answer as for one that doesn't exist.
"""

import logging
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.errors import word_error, word_problem
from api.v1_models import ErrorOut, ProblemOut
from casework.apikeys import Caller, Scope, find_caller
from casework.errors import HotlineError, InvalidField
from intake.errors import MistypedCode

logger = logging.getLogger("hotline.api")

BEARER = HTTPBearer(auto_error=False, description="由本局发放的接口密钥")
OWN_PROBLEMS = {
    "reused": "这个 Idempotency-Key 已经用在另一个请求上了。",
    "required": "这一项要填。",
}
MESSAGES = {
    401: "密钥不对，或者已经停用。",
    403: "这把密钥没有这个权限。",
    503: "查询的人多，请过一会儿再查。",
}


class AccessRefused(HotlineError):  # what happened
    """No valid key (401), one without the scope (403), or a line that is too long (503)."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code


class ApiRoute(APIRoute):
    """A route whose errors are JSON: `code`, `message`, and the fields that are wrong."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler with our errors around it."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except (RequestValidationError, HotlineError) as error:
                return _answer(error)

        return handle


def _answer(error: RequestValidationError | HotlineError) -> JSONResponse:
    if isinstance(error, RequestValidationError):
        problems = [
            ProblemOut(
                field=".".join(str(part) for part in found["loc"][1:]), problem=found["type"], message="请检查这一项。"
            )
            for found in error.errors()
        ]
        return _json(422, "invalid", "有几处要改。", problems)
    if isinstance(error, AccessRefused):
        logger.warning("api_refused", extra={"status": error.status, "error_code": error.code})
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return _json(error.status, error.code, MESSAGES[error.status], headers=headers)
    if isinstance(error, MistypedCode):
        return _json(422, "mistyped_receipt", "查询码抄错了。")
    if isinstance(error, InvalidField):
        message = OWN_PROBLEMS.get(error.problem) or word_problem(error)
        problem = ProblemOut(field=error.field, problem=error.problem, message=message)
        return _json(422, "invalid", message, [problem])
    wording = word_error(error)
    return _json(wording.status, wording.code, f"{wording.title}{wording.advice}")


def _json(
    status: int,
    code: str,
    message: str,
    problems: list[ProblemOut] | None = None,
    *,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    body = ErrorOut(code=code, message=message, problems=problems or [])
    return JSONResponse(body.model_dump(), status, headers=headers)


def require_scope(scope: Scope) -> Callable[..., Caller]:
    """A dependency that gives the caller, if his key is valid and has the scope; raises AccessRefused."""

    def find(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]) -> Caller:
        if credentials is None:
            raise AccessRefused(401, "no_key")
        with request.app.state.house.store.read() as session:
            caller = find_caller(session, credentials.credentials)
        if caller is None:
            raise AccessRefused(401, "bad_key")
        if scope not in caller.scopes:
            raise AccessRefused(403, "no_scope")
        return caller

    return find


Sender = Annotated[Caller, Depends(require_scope(Scope.REPORTS_WRITE))]
Asker = Annotated[Caller, Depends(require_scope(Scope.REPORTS_READ))]
Receiver = Annotated[Caller, Depends(require_scope(Scope.REFERRALS_READ))]
Answerer = Annotated[Caller, Depends(require_scope(Scope.REFERRALS_WRITE))]
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorOut, "description": description}
    for status, description in (
        (401, "没有密钥，或者密钥不对"),
        (403, "密钥没有这个权限"),
        (404, "没有，或者不归这把密钥看"),
        (409, "已经不在这一步"),
        (413, "内容太大"),
        (422, "有一处要改"),
        (503, "暂时存不上，请稍后用同一个 Idempotency-Key 再试"),
    )
}
