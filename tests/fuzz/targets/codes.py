"""What people type where a code, a head of the chain or a secret is expected."""

from contextlib import suppress

from casework.errors import InvalidField, WrongSecretFile
from casework.heads import parse_head
from casework.secrets import load_secrets
from intake.codes import format_code, make_code, read_code, speak_code
from intake.errors import MistypedCode

SEEDS = (
    make_code("1234", "56789012345").encode(),
    "一二三四 五六七八 ９０１２ ３４５６".encode(),
    "1234 柿子树下埋着七只青石臼".encode(),
    b"12:0123abcd-0123abcd",
    b"1 " + b"5c" * 32,
)


def feed(data: bytes) -> None:
    """Understood, or refused by the one error that its reader names; a code that is read can be written again."""
    text = data.decode("utf-8", "surrogatepass") if _is_text(data) else data.decode("latin-1")
    with suppress(MistypedCode):
        code = read_code(text)
        whole = make_code(code.locator, code.secret.removeprefix(b"digits:").decode())
        assert read_code(format_code(whole)) == code
        speak_code(whole)
    with suppress(InvalidField):
        parse_head(text)
    with suppress(WrongSecretFile):
        load_secrets(data)


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
