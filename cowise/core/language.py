"""The language of a text by its script, and who can read it: a rule of thumb, so that people are asked what they can read.

A script says `zh`, `ja` or `ko` outright. Of the others it says only which script it is: `latin` may be English or
French. A column `language` or `lang` beside the text says more, and goes before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cowise.core.errors import InputError

LOOKED_AT = 1000
"""Characters that a text is judged by."""
MOST = 20
"""Languages that one person names."""
HEAVY = 3
"""A Chinese, Japanese or Korean sign says about as much as so many letters."""
_RUNS = re.compile(
    r"(?P<latin>[A-Za-z\u00c0-\u02af\u1e00-\u1eff][A-Za-z\u00c0-\u02af\u1e00-\u1eff ]*)"
    r"|(?P<zh>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+)"
    r"|(?P<ja>[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]+)|(?P<ko>[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]+)"
    r"|(?P<cyrillic>[\u0400-\u052f][\u0400-\u052f ]*)|(?P<arabic>[\u0620-\u06ff\u0750-\u077f][\u0620-\u06ff\u0750-\u077f ]*)"
    r"|(?P<greek>[\u0370-\u03ff\u1f00-\u1fff]+)|(?P<hebrew>[\u05d0-\u05ea]+)|(?P<devanagari>[\u0900-\u097f]+)"
    r"|(?P<thai>[\u0e01-\u0e5b]+)"
)
_PLAIN = re.compile(
    r"[\u3000-\u303f\uff00-\uff20\x00-@\[-`{-\x7f]*[\u4e00-\u9fff][\u4e00-\u9fff\u3000-\u303f\uff00-\uff20\x00-@\[-`{-\x7f]*"
)
_ASCII = re.compile("[A-Za-z]")
_COLUMNS = frozenset(("language", "lang", "Language", "Lang", "LANGUAGE", "LANG"))
_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]*)?")
_CALLED = {
    "eng": "en", "zho": "zh", "chi": "zh", "cmn": "zh", "jpn": "ja", "kor": "ko", "fra": "fr", "fre": "fr", "deu": "de",
    "ger": "de", "spa": "es", "por": "pt", "rus": "ru", "ara": "ar", "ita": "it", "cn": "zh", "jp": "ja",
}  # fmt: skip
_WRITTEN = {
    "zh": "zh", "ja": "ja", "ko": "ko", "el": "greek", "he": "hebrew", "yi": "hebrew", "th": "thai",
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"), "cyrillic"),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ug", "ckb", "sd"), "arabic"),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), "devanagari"),
}  # fmt: skip
SCRIPTS = ("latin", "cyrillic", "arabic", "greek", "hebrew", "devanagari", "thai")
"""What a text's language is called where its script says no more."""


def language_of(text: str, meta: Mapping[str, Any] | None = None) -> str:
    """The language of a text, "" where nothing tells: what its column says, else its script.

    >>> language_of("Where is my card?"), language_of("我的卡在哪里？"), language_of("カードはどこですか")
    ('latin', 'zh', 'ja')
    >>> language_of("Wo ist meine Karte?", {"lang": "de-AT"}), language_of("12 345 :-)")
    ('de', '')
    """
    for name in meta or ():
        if name in _COLUMNS and (said := code(meta[name])):  # type: ignore[index]
            return said
    return by_script(text)


def code(value: object) -> str:
    """A language as a column names it, in two or three letters; "" for what is no code.

    >>> code("zh-Hans"), code("EN_us"), code("eng"), code("English")
    ('zh', 'en', 'en', '')
    """
    found = _CODE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return ""
    short = found[1].lower()
    return _CALLED.get(short, short)


def by_script(text: str) -> str:
    """What the script of a text's beginning says: its language where it has one of its own, else the script; "" for none.

    Signs of Chinese weigh as much as three letters; Japanese is told from Chinese by a tenth of kana.

    >>> by_script("我的 iPhone 坏了"), by_script("Привет"), by_script("مرحبا"), by_script("안녕하세요")
    ('zh', 'cyrillic', 'arabic', 'ko')
    """
    if text.isascii():
        return "latin" if _ASCII.search(text) else ""
    if _PLAIN.fullmatch(text):  # the commonest text of another script, told in a third of the time
        return "zh"
    seen: dict[str, int] = {}
    for run in _RUNS.finditer(text, 0, LOOKED_AT):
        script = str(run.lastgroup)
        seen[script] = seen.get(script, 0) + run.end() - run.start()
    kana, signs = seen.pop("ja", 0), seen.get("zh", 0)
    if kana and 10 * kana >= kana + signs:
        seen["ja"] = kana + seen.pop("zh", 0)
    weights = {name: n * (HEAVY if name in ("zh", "ja", "ko") else 1) for name, n in seen.items()}
    return max(weights, key=lambda name: weights[name]) if weights else ""


def reading(languages: Iterable[str]) -> frozenset[str]:
    """All that somebody reads who names these: texts said to be in them, and texts known by their script alone.

    >>> sorted(reading(["en", "zh"]))
    ['en', 'latin', 'zh']
    """
    said = frozenset(languages)
    return said | {_WRITTEN.get(one, "latin") for one in said if one not in SCRIPTS}


def good(languages: Sequence[str]) -> list[str]:
    """Languages as they are kept, each once; InputError for what is neither a code nor a script.

    >>> good(["EN", "zh-CN", "en"])
    ['en', 'zh']
    """
    found = dict.fromkeys(one.strip().lower() if one.strip().lower() in SCRIPTS else code(one) for one in languages)
    if "" in found or len(found) > MOST:
        raise InputError(
            f"languages: asked for {', '.join(languages)[:60]!r}; give up to {MOST} codes such as en,zh or scripts "
            f"such as latin"
        )
    return list(found)
