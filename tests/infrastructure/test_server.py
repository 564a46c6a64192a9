import httpx
import pytest
from fastapi import FastAPI

from tests.infrastructure.server import running


def test_it_serves_an_application_and_stops_with_the_test():
    app = FastAPI()
    app.add_api_route("/greet", lambda: {"text": "您好"})
    with running(app) as url:
        assert httpx.get(f"{url}/greet").json() == {"text": "您好"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/greet")


def test_two_applications_do_not_meet(serve):
    first, second = serve(FastAPI(title="one")), serve(FastAPI(title="two"))
    assert httpx.get(f"{first}/openapi.json").json()["info"]["title"] == "one"
    assert httpx.get(f"{second}/openapi.json").json()["info"]["title"] == "two"
