"""Which encoding a file is in: marks, then UTF-16 by its zeros, UTF-8, GB18030, and only then a guess."""

from __future__ import annotations

import codecs
from collections import Counter

from charset_normalizer import from_bytes

from cowise.core.errors import DataError
from cowise.data.place import Place

_SAMPLE = 2**18
_CHUNK = 2**20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Rows of GB 2312: its 3,755 common characters; punctuation, numerals, wide letters and pinyin (kana left out).
_LEVEL_ONE = range(0xB0, 0xD8)
_SIGNS = frozenset((0xA1, 0xA2, 0xA3, 0xA8))
# Every tenth character of Chinese prose is one of these.
_FREQUENT = (
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学可她里后么没好请吗多什怎"
)


def settle(place: Place, asked: str = "") -> tuple[str, bool]:
    """The encoding's name and whether it was guessed; the whole file is known to decode afterwards.

    An encoding that is asked for wins. Raises DataError with line and byte offset where a byte does not fit.
    """
    if asked:
        try:
            "a".encode(asked)  # unlike a lookup, refuses codecs that give no text
        except (LookupError, UnicodeError):
            raise DataError(
                f"encoding {asked!r} is not known; use utf-8, gb18030, utf-16 or another name of Python's"
            ) from None
        _demand(place, asked)
        return ("utf-8-sig" if codecs.lookup(asked).name == "utf-8" else asked), False
    sample = place.sample(_SAMPLE)
    name, sure = detect(sample, place.name)
    wrong = first_fault(place, name)
    if wrong is not None and sample.isascii():
        # Plain ASCII says nothing: look again where it ends.
        with place.open() as raw:
            _skip(raw, wrong)
            name, sure = detect(raw.read(_SAMPLE), place.name)
    _demand(place, name)
    return name, not sure


def detect(sample: bytes, name: str = "text") -> tuple[str, bool]:
    """The encoding of a sample that may be cut anywhere, and whether that is certain.

    >>> detect("你好，世界。今天天气很好".encode("gb18030"))
    ('gb18030', False)
    >>> detect(b"plain")
    ('utf-8', True)
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding, True
    wide = _utf16(sample)
    if wide:
        return wide, False
    if sample.count(0) * 10 > len(sample):
        raise DataError(f"{name} is full of zero bytes and no text; name its encoding with --encoding if it is one")
    if _decodes(sample, "utf-8") or _mostly_utf8(sample):
        return "utf-8", True
    if _decodes(sample, "gb18030") and _looks_chinese(sample):
        return "gb18030", False
    return _guessed(sample, name), False


def first_fault(place: Place, encoding: str) -> int | None:
    """Byte offset of the first byte that does not decode, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with place.open() as raw:
        while True:
            part = raw.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(part, not part)
            except UnicodeDecodeError as fault:
                return done - pending + fault.start
            except UnicodeError:
                return done
            if not part:
                return None
            done += len(part)


def _demand(place: Place, encoding: str) -> None:
    wrong = first_fault(place, encoding)
    if wrong is None:
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    line, left, byte = 1, wrong, b""
    with place.open() as raw:
        while left:
            part = raw.read(min(_CHUNK, left))
            line += decoder.decode(part).count("\n")
            left -= len(part)
        byte = raw.read(1)
    found = f"0x{byte.hex()}" if byte else "the end of the file"
    raise DataError(
        f"{place.name}, line {line:,}, byte {wrong:,}: {found} is not {encoding.removesuffix('-sig')}; "
        "save the file as UTF-8, or name its encoding with --encoding (such as gb18030, utf-16, cp1252)"
    )


def _guessed(sample: bytes, name: str) -> str:
    """What charset-normalizer thinks; of equals the one that Western files are mostly in."""
    found = from_bytes(sample[: 2**16])
    best = found.best()
    if best is None or (b"\x00" in sample and not best.encoding.startswith("utf_")):
        raise DataError(f"{name}: its bytes are no text in any encoding that is known here; name it with --encoding")
    for other in found:
        near = other.chaos <= best.chaos + 0.1 and other.coherence >= best.coherence - 0.1
        if near and "cp1252" in other.could_be_from_charset:
            return "cp1252"
    return best.encoding.replace("_", "-")


def _skip(raw: object, size: int) -> None:
    while size:
        size -= len(raw.read(min(_CHUNK, size)))  # type: ignore[attr-defined]


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=False)
    except UnicodeError:
        return False
    return True


def _mostly_utf8(sample: bytes) -> bool:
    """Whether a few broken bytes stand in what is clearly UTF-8: then the place of the first is the answer."""
    text = sample.decode("utf-8", "replace")
    wide = len(text) - len(text.encode("ascii", "ignore"))
    bad = text.count("\ufffd")
    return wide >= 20 and bad * 10 <= wide


def _utf16(sample: bytes) -> str:
    """UTF-16 without a mark: zeros at one parity only, and letters when read so."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    zeros = even + odd
    if zeros < 2 or zeros * 50 < len(sample):
        return ""
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) * 20 > zeros or not _decodes(sample, encoding):
        return ""
    text = sample[: len(sample) // 2 * 2].decode(encoding, "replace")
    fair = sum(c.isprintable() or c in "\r\n\t" for c in text)
    return encoding if fair * 20 >= len(text) * 19 else ""


def _looks_chinese(sample: bytes) -> bool:
    """Whether most characters beyond ASCII are common Chinese ones: by chance a third of them would be.

    Korean and Japanese files decode into such characters too, but hardly into the most frequent ones.
    """
    text = codecs.getincrementaldecoder("gb18030")().decode(sample, final=False)
    counts = Counter(c for c in text if not c.isascii())
    total = counts.total()
    words = sum(n for c, n in counts.items() if _row(c) in _LEVEL_ONE)
    signs = sum(n for c, n in counts.items() if _row(c) in _SIGNS)
    frequent = sum(counts[c] for c in _FREQUENT)
    return total > 0 and (words + signs) * 4 >= total * 3 and (words < 20 or frequent * 20 >= words)


def _row(char: str) -> int:
    """First byte of a character in GB 2312; 0 for one that it has not."""
    try:
        return char.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0
