"""The menu of the account: data that is checked before anybody sees it, published with the shared token, read back."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.channels import SendError, SendProblem
from bot.channels.wechat_menu import MENU_FILE, list_menu, read_menu
from bot.script import load_script
from casework.errors import DataError
from casework.store import Store
from tests.bot.test_courier import TOKEN_PATH, a_wechat, an_answer
from tests.infrastructure.vendor import Answer, Cloud, json_answer

CREATE, GET = "/cgi-bin/menu/create", "/cgi-bin/menu/get"
URL = "https://hotline.invalid"
KEYS = frozenset({"report", "progress", "human"})


def a_menu(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "menu.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_menu_that_ships_fits_the_vendor_and_the_script() -> None:
    menu = read_menu(public_url=URL, keys=load_script().menu)
    assert [button["name"] for button in menu["button"]] == ["说件事", "查进度", "找人帮"]
    assert all(len(button.get("sub_button", ())) <= 5 for button in menu["button"])
    assert "  用查询码查 -> https://hotline.invalid/track" in list_menu(menu)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "KeyError"),
        ("button = []", "1 to 3"),
        ('[[button]]\nname = "一"\nkey = "report"\n' * 4, "1 to 3"),
        ('[[button]]\nname = "五个字太长"\nkey = "report"', "1 to 4 characters"),
        ('[[button]]\nname = "说"\nkey = "nothing"', "no such key"),
        ('[[button]]\nname = "说"', "either key or page"),
        ('[[button]]\nname = "说"\nkey = "report"\npage = "/"', "either key or page"),
        ('[[button]]\nname = "说"\npage = "http://elsewhere.invalid"', "a page begins with /"),
        ('[[button]]\nname = "说"\n' + '[[button.sub]]\nname = "一"\nkey = "report"\n' * 6, "at most 5"),
        ('[[button]]\nname = "说"\n[[button.sub]]\nname = "九个字的名字太长了"\nkey = "report"', "1 to 8"),
        ('[[button]]\nname = "说"\nsub = 7', "TypeError"),
        ("not toml", "TOML"),
    ],
)
def test_a_menu_that_does_not_fit_is_told_by_its_entry(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(DataError) as wrong:
        read_menu(a_menu(tmp_path, text), public_url=URL, keys=KEYS)
    assert problem in wrong.value.problem


def test_it_is_published_with_the_shared_token_and_read_back(store: Store, cloud: Cloud) -> None:
    cloud.answer(TOKEN_PATH, an_answer(access_token="token-1", expires_in=7200))
    menu = read_menu(public_url=URL, keys=KEYS)
    cloud.answer(CREATE, json_answer({"errcode": 0, "errmsg": "ok"}))
    cloud.answer(GET, json_answer({"menu": menu}))
    api = a_wechat(store, cloud).api
    assert api is not None
    assert api.publish_menu(menu) == {"menu": menu}
    [created] = cloud.to(CREATE)
    assert (created.query["access_token"], json.loads(created.body)) == ("token-1", menu)


def test_a_refused_token_is_renewed_by_force_where_the_vendor_gives_the_same_again(store: Store, cloud: Cloud) -> None:
    tokens = [an_answer(access_token=name, expires_in=7200) for name in ("token-1", "token-1", "token-2")]
    cloud.answer(TOKEN_PATH, *tokens)
    cloud.answer(CREATE, json_answer({"errcode": 40001, "errmsg": "invalid credential"}), json_answer({"errcode": 0}))
    cloud.answer(GET, json_answer({"menu": {"button": []}}))
    api = a_wechat(store, cloud).api
    assert api is not None
    api.publish_menu({"button": []})
    assert [request.query["access_token"] for request in cloud.to(CREATE)] == ["token-1", "token-2"]
    assert [request.json["force_refresh"] for request in cloud.to(TOKEN_PATH)] == [False, False, True]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (json_answer({"errcode": 40018, "errmsg": "invalid button name size"}), SendProblem.REFUSED),
        (json_answer({"errcode": 45009, "errmsg": "reach max api daily quota limit"}), SendProblem.LATER),
        (Answer(b"", 502), SendProblem.LATER),
        (Answer(drops=True), SendProblem.LATER),
    ],
)
def test_what_the_vendor_says_to_a_menu_comes_in_our_words(
    store: Store, cloud: Cloud, answer: Answer, problem: SendProblem
) -> None:
    cloud.answer(TOKEN_PATH, an_answer(access_token="token-1", expires_in=7200))
    cloud.answer(CREATE, answer)
    api = a_wechat(store, cloud).api
    assert api is not None
    with pytest.raises(SendError) as refused:
        api.publish_menu({"button": []})
    assert refused.value.problem is problem
    assert "token-1" not in str(refused.value)


def test_the_file_lies_where_the_package_takes_it() -> None:
    entries: Any = MENU_FILE.read_text(encoding="utf-8")
    assert "说件事" in entries
