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
# Wide marks and signs that Chinese texts are full of, beside the 3,755 common characters of GB 2312.
_CHINESE_MARKS = frozenset("，。、；：？！“”‘’（）《》【】〈〉—…·～￥％＋－／　「」『』")


def settle(place: Place, asked: str = "") -> tuple[str, bool]:
    """The encoding's name and whether it was guessed; the whole file is known to decode afterwards.

    An encoding that is asked for wins. Raises DataError with line and byte offset where a byte does not fit.
    """
    if asked:
        try:
            codecs.lookup(asked)
        except LookupError:
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
    if _decodes(sample, "utf-8") or _mostly_utf8(sample):
        return "utf-8", True
    if _decodes(sample, "gb18030") and _looks_chinese(sample):
        return "gb18030", False
    best = from_bytes(sample[: 2**16]).best()
    if best is None or (b"\x00" in sample and not best.encoding.startswith("utf_")):
        raise DataError(f"{name}: its bytes are no text in any encoding that is known here; name it with --encoding")
    return best.encoding.replace("_", "-"), False


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
    """Whether most characters beyond ASCII are common Chinese ones: by chance a third of them would be."""
    text = codecs.getincrementaldecoder("gb18030")().decode(sample, final=False)
    counts = Counter(c for c in text if not c.isascii())
    total = counts.total()
    common = sum(n for c, n in counts.items() if c in _CHINESE_MARKS or _level_one(c))
    return total > 0 and common * 4 >= total * 3


def _level_one(char: str) -> bool:
    try:
        raw = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return 0xB0 <= raw[0] <= 0xD7
