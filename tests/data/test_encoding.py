import pytest

from cowise.core.errors import DataError
from cowise.data.encoding import detect

WORLD = {
    "cp1252": "Die Straße führt über die Brücke. Año nuevo, corazón, también. Déjà vu à l'école.",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy. Dnes je hezky a půjdeme do parku s přáteli.",
    "cp1251": "Сегодня хорошая погода, и мы пойдём гулять в парк вместе с друзьями.",
    "koi8-r": "Сегодня хорошая погода, и мы пойдём гулять в парк",
    "shift_jis": "今日は天気がいいので、公園に行きましょう。電車で行きますか。",
    "euc_jp": "今日は天気がいいので、公園に行きましょう。電車で行きますか。",
    "euc_kr": "오늘은 날씨가 좋아서 공원에 갑니다. 지하철역이 어디에 있습니까? 도와주셔서 감사합니다.",
    "big5": "今天天氣很好，我們去公園散步，請問地鐵站在哪裡？謝謝您的幫助。",
}
CHINESE = [
    "请问酒店附近有没有地铁站？",
    "房间很干净，服务员态度也好",
    "退款",
    "这部电影太难看了……",
    "ＡＢＣ，（一）",
    "lǜ sè 绿色",
]


@pytest.mark.parametrize("encoding", WORLD)
@pytest.mark.parametrize("times", [4, 20])
def test_encodings_of_the_world_are_told_apart(encoding, times):
    raw = (WORLD[encoding] + "\n").encode(encoding) * times
    name, sure = detect(raw)
    assert raw.decode(name) == raw.decode(encoding)
    assert not sure


@pytest.mark.parametrize("text", CHINESE)
def test_short_chinese_is_gb18030(text):
    assert detect(f"text\n{text}\n".encode("gb18030")) == ("gb18030", False)


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_sample_may_end_within_a_character(cut):
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        raw = ("text\n" + "今天天气很好，我们去公园 ok\n" * 20).encode(encoding)
        assert detect(raw[:-cut])[0] == encoding


@pytest.mark.parametrize("raw", [bytes(100), bytes(range(256)) * 4, b"a\x00\x00b" * 9])
def test_what_is_no_text_is_refused(raw):
    with pytest.raises(DataError, match="--encoding"):
        detect(raw)
