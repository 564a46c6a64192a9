"""The vault's primitives: boxes, records bound to their rows, wrapped keys, passphrases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import BrokenSeal, WrongPassphrase
from casework.passphrases import WORDS, generate_passphrase, list_words
from casework.recovery import from_printable, to_printable
from casework.vault import (
    PAD_TO,
    KdfStrength,
    generate_key_pair,
    public_half,
    seal,
    seal_record,
    unseal,
    unseal_record,
    unwrap_for_token,
    unwrap_private_key,
    wrap_for_token,
    wrap_private_key,
)

LIGHT = KdfStrength(passes=1, memory_kib=8)
PAIR = generate_key_pair()
OTHER = generate_key_pair()


def test_only_the_private_half_opens_a_box():
    blob = seal(PAIR.public, "密".encode())
    assert unseal(PAIR.private, blob) == "密".encode()
    with pytest.raises(BrokenSeal):
        unseal(OTHER.private, blob)


def test_the_public_half_follows_from_the_private_one():
    assert public_half(PAIR.private) == PAIR.public


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x02" + bytes(80), b"\x01" + bytes(80)])
def test_a_broken_box_is_told_as_one(blob):
    with pytest.raises(BrokenSeal):
        unseal(PAIR.private, blob)


@given(st.dictionaries(st.text(), st.text() | st.booleans() | st.none() | st.integers()))
def test_a_record_comes_back_as_it_was(payload):
    assert unseal_record(PAIR.private, "row", seal_record(PAIR.public, "row", payload)) == payload


def test_a_record_put_into_another_row_is_refused():
    blob = seal_record(PAIR.public, "row-1", {"text": "原话"})
    with pytest.raises(BrokenSeal):
        unseal_record(PAIR.private, "row-2", blob)


def test_records_of_like_length_are_of_one_size():
    short, longer = (seal_record(PAIR.public, "row", {"text": "字" * count}) for count in (1, 100))
    assert len(short) == len(longer)
    assert (len(short) - len(seal(PAIR.public, b""))) % PAD_TO == 0


def test_a_passphrase_opens_what_it_wrapped_however_it_is_spaced():
    wrapped = wrap_private_key(PAIR.private, "天气-晴朗-山坡", strength=LIGHT)
    assert unwrap_private_key(wrapped, "天气 晴朗　山坡") == PAIR.private
    with pytest.raises(WrongPassphrase):
        unwrap_private_key(wrapped, "天气-晴朗-山顶")


def test_two_wraps_of_one_key_share_nothing():
    one, two = (wrap_private_key(PAIR.private, "天气", strength=LIGHT) for _ in range(2))
    assert one[7:] != two[7:]


def test_a_changed_wrap_does_not_open_and_takes_no_wild_memory():
    wrapped = wrap_private_key(PAIR.private, "天气", strength=LIGHT)
    for place in range(len(wrapped)):
        changed = bytes(byte ^ (0x80 * (place == at)) for at, byte in enumerate(wrapped))
        if place in (1, 2):  # passes and lanes: 129 of them are only slow
            continue
        with pytest.raises(WrongPassphrase):
            unwrap_private_key(changed, "天气")


@pytest.mark.parametrize("blob", [b"", b"\x01", bytes(40)])
def test_a_cut_wrap_is_a_wrong_passphrase(blob):
    with pytest.raises(WrongPassphrase):
        unwrap_private_key(blob, "天气")


def test_real_keys_cost_256_mebibytes_a_guess():
    assert KdfStrength.VAULT.memory_kib == 256 * 1024


def test_a_sign_in_opens_its_own_wrap_alone():
    wrapped = wrap_for_token(PAIR.private, "token", "session-1")
    assert unwrap_for_token(wrapped, "token", "session-1") == PAIR.private
    for token, session in (("other", "session-1"), ("token", "session-2")):
        with pytest.raises(BrokenSeal):
            unwrap_for_token(wrapped, token, session)
    with pytest.raises(BrokenSeal):
        unwrap_for_token(b"", "token", "session-1")


def test_private_halves_do_not_show_in_a_repr():
    assert repr(PAIR.private) not in repr(PAIR)


def test_the_word_list_gives_64_bits_in_five_words():
    words = list_words()
    assert len(words) == len(set(words)) == 7776
    assert {len(word) for word in words} == {2}
    assert all("\u4e00" <= letter <= "\u9fff" for word in words for letter in word)


def test_a_generated_passphrase_is_five_words_of_the_list_and_never_twice_the_same():
    made = {generate_passphrase() for _ in range(50)}
    assert len(made) == 50
    for passphrase in made:
        assert len(words := passphrase.split("-")) == WORDS
        assert set(words) <= set(list_words())


def test_the_recovery_sheet_is_typed_back_in_any_case_and_spacing():
    printed = to_printable(PAIR.private)
    assert from_printable(printed) == PAIR.private
    assert from_printable(printed.lower().replace("-", " ")) == PAIR.private


@given(st.integers(0, 55), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_mistyped_recovery_sheet_is_refused(place, letter):
    plain = to_printable(PAIR.private).replace("-", "")
    mistyped = plain[:place] + letter + plain[place + 1 :]
    if mistyped == plain:
        assert from_printable(mistyped) == PAIR.private
        return
    with pytest.raises(WrongPassphrase):
        from_printable(mistyped)


@pytest.mark.parametrize("text", ["", "A", "不是密钥", "AAAA-AAAA"])
def test_what_is_no_recovery_sheet_is_refused(text):
    with pytest.raises(WrongPassphrase):
        from_printable(text)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]", b"{}", b'{"row":"row"}', b'{"row":"row","payload":[]}', b"7"])
def test_a_box_that_holds_no_record_is_refused(content):
    with pytest.raises(BrokenSeal):
        unseal_record(PAIR.private, "row", seal(PAIR.public, content))
