"""WeChat's door: what is the vendor's comes in, everything else stays out, and nothing breaks it."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto

from bot.channels import BODY_LIMIT, ChannelError, EventKind, Inbound, MessageKind, Problem, Request, Verified
from bot.channels.wechat import ACKNOWLEDGED, WeChatAccount, WeChatChannel
from tests.bot.wechat_side import (
    KEY,
    OLD_KEY,
    OPEN_ID,
    TOKEN,
    Vendor,
    a_channel,
    a_check,
    a_plain_post,
    an_event,
    an_xml,
    signature,
)
from tests.casework.people import NOW

BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>'
)


def take(request: Request, channel: WeChatChannel | None = None) -> Inbound:
    channel = channel or a_channel(KEY)
    inbound = channel.parse(channel.verify(request, now=NOW), now=NOW)
    assert inbound is not None
    return inbound


def refused(request: Request, channel: WeChatChannel | None = None) -> Problem:
    channel = channel or a_channel(KEY)
    with pytest.raises(ChannelError) as caught:
        channel.parse(channel.verify(request, now=NOW), now=NOW)
    return caught.value.problem


def test_it_echoes_the_vendors_check() -> None:
    assert a_channel(KEY).verify(a_check("4242"), now=NOW).echo == "4242"


def test_it_refuses_a_check_that_is_not_signed() -> None:
    request = a_check()
    assert refused(replace(request, query={**request.query, "signature": "0" * 40})) is Problem.BAD_SIGNATURE


def test_it_takes_an_encrypted_text() -> None:
    inbound = take(Vendor().post(an_xml("俺娘的饭是馊的", message_id="18446744073709551615")))
    assert (inbound.text, inbound.sender, inbound.message_id) == ("俺娘的饭是馊的", OPEN_ID, "18446744073709551615")
    assert inbound.kind is MessageKind.TEXT
    assert inbound.sent_at == NOW.replace(microsecond=0)


@pytest.mark.parametrize("words", ["😀👵🏻", "𠮷𡈽", "\u200f右到左\u200e", "a]]>b", "<b>&amp;</b>", "两行\n两行"])
def test_odd_characters_survive_the_way_in_and_out(words: str) -> None:
    vendor, channel = Vendor(), a_channel(KEY)
    verified = channel.verify(vendor.post(an_xml(words)), now=NOW)
    inbound = channel.parse(verified, now=NOW)
    assert inbound is not None
    assert inbound.text == words
    reply = vendor.read(channel.render_reply(verified, inbound, f"您说：{words}", now=NOW))
    assert reply["Content"] == f"您说：{words}"


def test_the_reply_goes_back_to_the_sender() -> None:
    vendor, channel = Vendor(), a_channel(KEY)
    verified = channel.verify(vendor.post(an_xml()), now=NOW)
    inbound = channel.parse(verified, now=NOW)
    assert inbound is not None
    reply = vendor.read(channel.render_reply(verified, inbound, "您好。", now=NOW))
    assert (reply["ToUserName"], reply["MsgType"]) == (OPEN_ID, "text")


def test_a_long_reply_is_cut_between_characters() -> None:
    vendor, channel = Vendor(), a_channel(KEY)
    verified = channel.verify(vendor.post(an_xml()), now=NOW)
    inbound = channel.parse(verified, now=NOW)
    assert inbound is not None
    content = vendor.read(channel.render_reply(verified, inbound, "话" * 3000, now=NOW))["Content"]
    assert 600 < len(content) < 683
    assert set(content) == {"话"}


def test_nothing_to_say_is_success() -> None:
    channel = a_channel(KEY)
    verified = channel.verify(Vendor().post(an_xml()), now=NOW)
    assert channel.render_reply(verified, take(Vendor().post(an_xml())), "", now=NOW) == ACKNOWLEDGED


def test_during_a_rotation_the_old_key_still_opens_and_answers() -> None:
    old, channel = Vendor(key=OLD_KEY), a_channel(KEY, OLD_KEY)
    verified = channel.verify(old.post(an_xml("旧")), now=NOW)
    inbound = channel.parse(verified, now=NOW)
    assert inbound is not None
    assert inbound.text == "旧"
    assert old.read(channel.render_reply(verified, inbound, "好", now=NOW))["Content"] == "好"


def test_after_the_rotation_the_old_key_opens_nothing() -> None:
    assert refused(Vendor(key=OLD_KEY).post(an_xml())) is Problem.BAD_SIGNATURE


def test_it_refuses_a_message_for_another_account() -> None:
    assert refused(Vendor(app_id="wxffffffffffffffff").post(an_xml())) is Problem.WRONG_ACCOUNT


def test_it_refuses_another_body_under_the_same_signature() -> None:
    vendor = Vendor()
    first, second = vendor.post(an_xml("一"), nonce="n"), vendor.post(an_xml("二"), nonce="n")
    assert refused(replace(first, body=second.body)) is Problem.BAD_SIGNATURE


def test_a_signature_over_time_and_nonce_alone_is_not_enough() -> None:
    request = Vendor().post(an_xml())
    query = {name: value for name, value in request.query.items() if name != "msg_signature"}
    assert refused(replace(request, query=query)) is Problem.BAD_SIGNATURE


@pytest.mark.parametrize("away", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=-400)])
def test_it_refuses_what_is_stale(away: timedelta) -> None:
    assert refused(Vendor().post(an_xml(), later=away)) is Problem.STALE


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "１７", "9" * 400])
def test_it_refuses_a_time_that_is_none(stamp: str) -> None:
    request = a_plain_post(an_xml())
    query = {"timestamp": stamp, "nonce": "n", "signature": signature(stamp, "n")}
    assert refused(replace(request, query=query), a_channel()) is Problem.STALE


def test_it_refuses_a_plain_body_when_a_key_is_set() -> None:
    assert refused(a_plain_post(an_xml("转人工"))) is Problem.PLAINTEXT


def test_in_plain_mode_it_takes_a_signed_plain_body_only() -> None:
    assert take(a_plain_post(an_xml("你好")), a_channel()).text == "你好"
    request = a_plain_post(an_xml("你好"))
    assert refused(replace(request, query={**request.query, "signature": ""}), a_channel()) is Problem.BAD_SIGNATURE


def test_it_refuses_a_body_over_the_limit_before_it_is_parsed() -> None:
    request = Vendor().post(an_xml())
    assert refused(replace(request, body=b"<xml>" * (BODY_LIMIT // 4))) is Problem.TOO_LARGE


@pytest.mark.parametrize(
    "xml",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        "<xml>" * 3000,
        "<xml>" + "<a>" * 9 + "</a>" * 9 + "</xml>",
        "<xml>" + "<a/>" * 100 + "</xml>",
        "not xml at all",
        '{"MsgType": "text"}',
        "<xml/>",
        "<xml><MsgType>text</MsgType></xml>",
        "<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>",
        an_xml("你好").replace("<CreateTime>", "<CreateTime>x"),
        an_xml("你好").replace("<FromUserName>", "<FromUserName><a/>"),
        an_xml("你好", sender="../../etc"),
        an_xml("你好", message_id="x1"),
        an_xml("你好").replace("<Content>", "<Content>甲</Content><Content>"),
        "<other/>",
        '<?xml version="1.0" encoding="GBK"?><xml/>',
    ],
)
@pytest.mark.parametrize("mode", ["safe", "plain"])
def test_hostile_or_broken_xml_is_malformed_and_nothing_worse(xml: str, mode: str) -> None:
    if mode == "plain":
        assert refused(a_plain_post(xml), a_channel()) is Problem.MALFORMED
    else:
        assert refused(Vendor().post(xml)) is Problem.MALFORMED


def test_another_charset_is_malformed() -> None:
    request = a_plain_post("")
    assert refused(replace(request, body=an_xml("馊").encode("gbk")), a_channel()) is Problem.MALFORMED


def test_an_empty_body_says_nothing_and_breaks_nothing() -> None:
    channel = a_channel(KEY)
    assert refused(Request("POST", {"timestamp": "1"}, {}, b"")) is Problem.MALFORMED
    assert channel.parse(Verified(b" "), now=NOW) is None


def _envelope(plain: bytes) -> Request:
    """A signed envelope around bytes that the vendor would never make."""
    crypto = PrpCrypto(WeChatCrypto(TOKEN, KEY, "x").key)
    encrypted = base64.b64encode(crypto.cipher.encrypt(plain)).decode()
    timestamp = str(int(NOW.timestamp()))
    query = {"timestamp": timestamp, "nonce": "n", "msg_signature": signature(timestamp, "n", encrypted)}
    return Request("POST", query, {}, f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode())


@pytest.mark.parametrize(
    "plain",
    [bytes(32), b"\x20" * 32, bytes(16) + b"\xff\xff\xff\xff" + b"\x0c" * 12, b"a" * 31 + b"\x01", b"\x21" * 64],
)
def test_an_envelope_with_false_padding_or_length_opens_nothing(plain: bytes) -> None:
    assert refused(_envelope(plain)) is Problem.BAD_SIGNATURE


@given(st.binary(max_size=400))
def test_no_body_ever_does_more_than_be_refused(body: bytes) -> None:
    assert refused(Request("POST", {"timestamp": "1", "nonce": "n", "msg_signature": "s"}, {}, body)) in set(Problem)


@given(st.binary(min_size=16, max_size=16 * 6).filter(lambda b: len(b) % 16 == 0))
def test_no_plaintext_ever_does_more_than_be_refused(plain: bytes) -> None:
    assert refused(_envelope(plain)) in set(Problem)


@pytest.mark.parametrize(
    ("event", "key", "meant", "scene", "choice"),
    [
        ("subscribe", "", EventKind.FOLLOWED, None, None),
        ("subscribe", "qrscene_mailong-home", EventKind.FOLLOWED, "mailong-home", None),
        ("unsubscribe", "", EventKind.UNFOLLOWED, None, None),
        ("SCAN", "mailong-home", EventKind.SCANNED, "mailong-home", None),
        ("CLICK", "progress", EventKind.MENU, None, "progress"),
        ("LOCATION", "", EventKind.OTHER, None, None),
        ("never_heard_of", "", EventKind.OTHER, None, None),
    ],
)
def test_events_get_our_own_words(
    event: str, key: str, meant: EventKind, scene: str | None, choice: str | None
) -> None:
    inbound = take(Vendor().post(an_event(event, key)))
    assert (inbound.kind, inbound.event, inbound.scene, inbound.choice) == (MessageKind.EVENT, meant, scene, choice)


def test_two_events_of_one_second_with_other_keys_are_two_messages() -> None:
    first, second = (take(Vendor().post(an_event("CLICK", key))) for key in ("progress", "human"))
    assert first.message_id != second.message_id


@pytest.mark.parametrize(
    ("kind", "extra", "meant", "media"),
    [
        ("image", "<PicUrl>http://x/1</PicUrl><MediaId>m1</MediaId>", MessageKind.IMAGE, "m1"),
        ("voice", "<MediaId>m2</MediaId><Format>amr</Format>", MessageKind.VOICE, "m2"),
        ("video", "<MediaId>m3</MediaId><ThumbMediaId>t</ThumbMediaId>", MessageKind.VIDEO, "m3"),
        ("shortvideo", "<MediaId>m4</MediaId>", MessageKind.VIDEO, "m4"),
    ],
)
def test_media_keep_the_vendors_id(kind: str, extra: str, meant: MessageKind, media: str) -> None:
    inbound = take(Vendor().post(an_xml(kind=kind, extra=extra)))
    assert (inbound.kind, inbound.media[0].vendor_id) == (meant, media)


def test_a_place_and_a_link_keep_their_words() -> None:
    place = take(Vendor().post(an_xml(kind="location", extra="<Location_X>1</Location_X><Label>麦陇镇东街</Label>")))
    link = take(Vendor().post(an_xml(kind="link", extra="<Title>通知</Title><Url>http://x</Url>")))
    assert (place.kind, place.text) == (MessageKind.LOCATION, "麦陇镇东街")
    assert (link.kind, link.text) == (MessageKind.LINK, "通知\nhttp://x")


def test_a_type_nobody_knows_is_taken_as_unknown() -> None:
    assert take(Vendor().post(an_xml(kind="hologram"))).kind is MessageKind.UNKNOWN


def test_a_key_of_the_wrong_length_stops_the_start() -> None:
    with pytest.raises(ValueError, match="43"):
        WeChatAccount.of("wx", "t", "a" * 39)
