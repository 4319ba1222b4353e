"""Words of texts are found in both databases, in Chinese and English, and what was erased is found no more."""

import pytest

from cowise.core.types import Answer
from cowise.store import erase, listing, opinions, projects, queue, search
from cowise.store.listing import Filter
from cowise.store.opinions import Said

TEXTS = [
    "I lost my card yesterday", "card payment failed", "Where is the nearest 餐馆?", "我想找一家好餐馆吃饭",
    "餐厅在哪里", "Ｆｕｌｌ width CARD", "naïve café", "'; DROP TABLE items; --", "多语言 mixed text 卡丢了",
]  # fmt: skip


@pytest.fixture
def filed(store, project, add):
    add(TEXTS)
    while store.write(lambda tx: search.file(tx, project, 4)):
        pass
    return project


@pytest.fixture
def find(store, filed):
    def found(query, **want):
        with store.read() as tx:
            rows = listing.page(tx, filed, Filter(words=query, **want))
            assert listing.total(tx, filed, Filter(words=query, **want)) == len(rows)
        return [row.item.ordinal for row in rows]

    return found


def test_words_are_found_whatever_their_form(find):
    assert find("card") == [0, 1, 5]
    assert find("CARD lost") == [0]
    assert find("full") == [5]
    assert find("café") == [6]
    assert find("pay") == [1], "the last word may be a beginning"
    assert find("pay card") == [], "others are whole"


def test_chinese_is_found_inside_a_sentence(find):
    assert find("餐馆") == [2, 3]
    assert find("好餐馆吃") == [3]
    assert find("餐") == [2, 3, 4]
    assert find("里") == [4], "the last character of a run"
    assert find("卡丢了 mixed") == [8]


@pytest.mark.parametrize(
    "query", ['"', "'; DROP TABLE items; --", "* OR NEAR(", "a AND NOT b", "\x00", "''", "&|!:*", "^"]
)
def test_a_hostile_query_finds_or_finds_nothing(find, query):
    assert find(query) in ([], [7])


def test_a_query_of_signs_alone_finds_nothing(find):
    assert find("!?;") == []


def test_an_erased_text_is_found_no_more(store, filed, find):
    store.write(lambda tx: erase.item(tx, filed, 0))
    assert find("lost") == []
    assert find("card") == [1, 5]


def test_only_what_came_since_is_filed(store, filed, add, find):
    with store.read() as tx:
        assert search.missing(tx, filed) == 0
    add(["a new card"], "second")
    with store.read() as tx:
        assert search.missing(tx, filed) == 1
    assert find("new") == []
    assert store.write(lambda tx: search.file(tx, filed)) == 0
    assert find("new") == [len(TEXTS)]


def test_another_project_is_not_searched(store, filed, make, find):
    other = make("other").id
    with store.read() as tx:
        assert listing.page(tx, other, Filter(words="card")) == []


def test_deleting_a_project_leaves_no_words(store, filed):
    def words(tx):
        column = "item" if tx.postgres else "rowid"
        return tx.value(search.text(f"SELECT count(*) FROM search WHERE {column} > 0"))

    with store.read() as tx:
        assert words(tx) == len(TEXTS)
    store.write(lambda tx: projects.close(tx, filed))
    while store.write(lambda tx: projects.sweep(tx, filed)):
        pass
    with store.read() as tx:
        assert words(tx) == 0


def test_filters_meet_in_any_mixture(store, filed, find, person):
    store.write(lambda tx: [opinions.put(tx, filed, Said(o, person, Answer.of("bug"))) for o in (0, 1, 4)])
    store.write(lambda tx: queue.flag(tx, filed, 1, person, "odd"))
    assert find("card", person=person) == [0, 1]
    assert find("card", flagged=True) == [1]
    assert find("card", flagged=False) == [0, 5]
    with store.read() as tx:
        (row,) = listing.page(tx, filed, Filter(flagged=True, person=person))
        assert (row.item.ordinal, row.flags) == (1, 1)
        assert listing.total(tx, filed, Filter()) == len(TEXTS)
        assert [f.note for f in queue.flags_of(tx, filed, 1)] == ["odd"]


def test_a_long_text_is_filed_by_its_beginning():
    assert search.words("x" * 99_999 + " end word") == ["x" * 99_999]
