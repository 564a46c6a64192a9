"""The server's secret file and what is encrypted under it."""

import pytest

from casework.errors import BrokenSeal, WrongSecretFile
from casework.secrets import ServerSecrets, generate_secret_file, load_secrets


@pytest.fixture
def secrets() -> ServerSecrets:
    return load_secrets(generate_secret_file())


def test_it_reads_what_it_wrote_for_the_same_row(secrets):
    blob = secrets.encrypt("reply_address", "甲".encode(), b"row-1")
    assert secrets.decrypt("reply_address", blob, b"row-1") == "甲".encode()


@pytest.mark.parametrize(("purpose", "row"), [("totp", b"row-1"), ("reply_address", b"row-2")])
def test_it_refuses_another_purpose_or_row(secrets, purpose, row):
    blob = secrets.encrypt("reply_address", b"x", b"row-1")
    with pytest.raises(BrokenSeal):
        secrets.decrypt(purpose, blob, row)


def test_it_refuses_any_changed_byte(secrets):
    blob = secrets.encrypt("a", b"x", b"row")
    for place in range(len(blob)):
        changed = bytes(byte ^ (place == at) for at, byte in enumerate(blob))
        with pytest.raises(BrokenSeal):
            secrets.decrypt("a", changed, b"row")


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01\x01short"])
def test_it_refuses_a_cut_blob(secrets, blob):
    with pytest.raises(BrokenSeal):
        secrets.decrypt("a", blob, b"row")


def test_a_rotated_secret_still_reads_old_rows_and_writes_new_ones():
    first = generate_secret_file()
    old = load_secrets(first)
    new = load_secrets(generate_secret_file(first))
    blob = old.encrypt("a", b"x", b"row")
    assert new.decrypt("a", blob, b"row") == b"x"
    assert old.is_newest(blob)
    assert not new.is_newest(blob)
    assert new.is_newest(new.encrypt("a", b"x", b"row"))
    with pytest.raises(BrokenSeal):
        old.decrypt("a", new.encrypt("a", b"x", b"row"), b"row")


def test_a_mac_is_found_again_after_a_rotation():
    first = generate_secret_file()
    old, new = load_secrets(first), load_secrets(generate_secret_file(first))
    assert old.mac("locator", b"x") in new.macs("locator", b"x")
    assert new.macs("locator", b"x")[0] == new.mac("locator", b"x")
    assert old.mac("locator", b"x") != old.mac("other", b"x")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 0),
        (b"# nothing\n\n", 0),
        (b"1 abc\n", 1),
        (b"1 " + b"00" * 31, 1),
        (b"0 " + b"00" * 32, 1),
        (b"1 " + b"00" * 32 + b"\n1 " + b"11" * 32, 2),
        (b"1 " + b"00" * 32 + b"\n2 " + b"11" * 32, 2),
        (b"one line of words", 1),
    ],
)
def test_a_wrong_secret_file_is_refused_with_its_line(content, line):
    with pytest.raises(WrongSecretFile) as refused:
        load_secrets(content)
    assert refused.value.line == line


def test_nothing_secret_shows_in_a_repr():
    content = generate_secret_file()
    assert content.split()[1].decode() not in repr(load_secrets(content))
    assert load_secrets(content).versions[1].hex() not in repr(load_secrets(content))
