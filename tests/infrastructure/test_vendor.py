import httpx
import pytest

from tests.infrastructure.vendor import Answer, json_answer


def test_it_answers_what_was_laid_out_and_keeps_the_request(cloud):
    cloud.answer("/cgi-bin/message", json_answer({"errcode": 45015}), json_answer({"errcode": 0}))
    first = httpx.post(f"{cloud.url}/cgi-bin/message?access_token=t", json={"touser": "o1"})
    second = httpx.post(f"{cloud.url}/cgi-bin/message", json={})
    assert (first.json()["errcode"], second.json()["errcode"]) == (45015, 0)
    request = cloud.wait_for("/cgi-bin/message", 2)[0]
    assert (request.method, request.query, request.json) == ("POST", {"access_token": "t"}, {"touser": "o1"})


def test_a_call_nobody_planned_is_not_found(cloud):
    assert httpx.get(f"{cloud.url}/other").status_code == 404


def test_it_hangs_up_without_a_word(cloud):
    cloud.answer("/", Answer(drops=True))
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(cloud.url)


def test_it_hangs_for_longer_than_the_caller_waits(cloud):
    cloud.answer("/", Answer(hangs=True))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(cloud.url, timeout=0.2)
