"""An item's language is kept with it and with its question; nobody is leased what they do not read."""

import pytest
from sqlalchemy import text

from cowise.core.errors import InputError
from cowise.core.language import LOOKED_AT, by_script, good, language_of, reading
from cowise.store import erase, items, load_items, members, migrate, open_store, queue
from cowise.store.connect import engines
from cowise.store.imports import NewItem
from cowise.store.leases import _take
from cowise.store.queue import Wanted

TEXTS = [
    NewItem("Where is my card?"),
    NewItem("我的卡在哪里？"),
    NewItem("Wo ist meine Karte?", {"lang": "de-AT"}),
    NewItem("12 + 30"),
    NewItem("卡", {"Language": "Chinese"}),
    NewItem("カードはどこ", {"language": "ja"}),
]
TOLD = {0: "latin", 1: "zh", 2: "de", 3: "", 4: "zh", 5: "ja"}


def put(store, project, texts=TEXTS):
    load_items(store, project, "file", texts)
    wanted = [Wanted(o, float(o), "train") for o in range(len(texts))]
    store.write(lambda tx: queue.fill(tx, project, wanted))


def seat(store, project, name, *languages):
    settings = {"languages": list(languages)} if languages else {}
    return store.write(lambda tx: members.ensure(tx, project, name, settings=settings)).id


def taken(store, project, member):
    """Ordinals of all that a member is leased, and gives back."""
    found = []
    while (held := store.write(lambda tx: queue.lease(tx, project, member))) is not None:
        found.append(held)
    for one in found:
        store.write(lambda tx, token=one.lease.token: queue.release(tx, token))
    return [one.ordinal for one in found]


def test_every_import_tells_the_language_and_an_erased_text_has_none(store, project):
    put(store, project)
    with store.read() as tx:
        assert items.languages(tx, project, range(6)) == TOLD
        (chunk,) = items.chunks(tx, project, texts=False)
    assert chunk.languages == tuple(TOLD.values())
    store.write(lambda tx: erase.item(tx, project, 1))
    with store.read() as tx:
        assert items.languages(tx, project, [1]) == {1: ""}


def test_nobody_is_leased_what_they_do_not_read(store, project):
    put(store, project)
    assert taken(store, project, seat(store, project, "all")) == [0, 1, 2, 3, 4, 5]
    assert taken(store, project, seat(store, project, "zoe", "zh")) == [1, 3, 4]
    assert taken(store, project, seat(store, project, "ann", "en")) == [0, 3]
    assert taken(store, project, seat(store, project, "dia", "de", "ja")) == [0, 2, 3, 5]


def test_one_item_by_name_and_expired_holds_are_no_way_around(store, project, clock):
    put(store, project)
    other, zoe = seat(store, project, "other"), seat(store, project, "zoe", "zh")
    assert store.write(lambda tx: queue.lease_item(tx, project, zoe, 0)) is None
    assert store.write(lambda tx: queue.lease_item(tx, project, zoe, 1)).ordinal == 1
    store.write(lambda tx: queue.lease_item(tx, project, other, 0, seconds=5.0))
    clock.pass_by(1000.0)
    assert taken(store, project, zoe) == [3, 4, 1]  # last the one whose time is over; never the other's


def test_a_long_line_of_foreign_questions_is_passed_over_by_an_index(tmp_path):
    from cowise.core.types import Promise, classify
    from cowise.store import projects

    with open_store(tmp_path / "home") as store:
        store.write(lambda tx: projects.create(tx, "p", classify("a", "b"), Promise(), audit_key=("k", "c")))
        statement = _take("queue", queue.NEXT + queue.READ, "rank, id", False, False)
        held = {"owner": "1", "token": "t", "expires": 1.0, "now": 0.0, "project": 1, "member": 1, "reads": ",zh,"}
        with store.read() as tx:
            plan = [row.detail for row in tx.run(text(f"EXPLAIN QUERY PLAN {statement}"), held)]
    assert any("queue_next (project=?" in line for line in plan), plan
    assert not [line for line in plan if line.startswith("SCAN") or "TEMP B-TREE" in line], plan


def test_texts_and_open_questions_of_an_older_workspace_get_their_language(tmp_path):
    home = tmp_path / "old"
    reader, writer = engines(home, "", "", create=True)
    migrate.upgrade(writer, home, to="0009")
    with writer.begin() as connection:
        for i, one in enumerate(TEXTS):
            connection.exec_driver_sql(
                "INSERT INTO items (id, project, content, text, meta, import_id) VALUES (?, 1, ?, ?, ?, 1)",
                ((1 << 32) + i, str(i), one.text, f'{{"lang":"{one.meta["lang"]}"}}' if i == 2 else None),
            )
        connection.exec_driver_sql(
            "INSERT INTO queue (project, item, rank, kind, blind) VALUES (1, ?, 0, 'train', 1)", ((1 << 32) + 1,)
        )
    reader.dispose()
    writer.dispose()
    with open_store(home) as store, store.read() as tx:
        assert tx.value(text("SELECT language FROM queue")) == "zh"
        found = [row.language for row in tx.run(text("SELECT language FROM items ORDER BY id"))]
    assert found == list(TOLD.values())


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Привет, как дела", "cyrillic"), ("مرحبا بالعالم", "arabic"), ("안녕하세요 카드", "ko"), ("Γειά σου", "greek"),
        ("我想点一杯拿铁の味道很好很好很好很好很好", "zh"), ("今日は天気がいい", "ja"), ("海底捞 hot pot is the best of the town", "latin"),
        ("😀 123", ""), ("", ""), ("ab" * LOOKED_AT + "我" * 10 * LOOKED_AT, "latin"), ("Ünïcödé", "latin"), ("豈更", "zh"),
    ],
)  # fmt: skip
def test_scripts_are_told_apart(said, language):
    assert by_script(said) == language


@pytest.mark.parametrize(
    "meta", [{"lang": "English"}, {"lang": 7}, {"lang": ""}, {"lang": "e"}, {"tongue": "de"}, None]
)
def test_a_column_that_names_no_code_leaves_it_to_the_script(meta):
    assert language_of("Guten Tag", meta) == "latin"


def test_who_names_a_language_reads_what_is_known_by_its_script_alone():
    assert reading(["ru", "ja"]) == {"ru", "cyrillic", "ja"}
    assert reading(["latin"]) == {"latin"}
    assert good([" Zh-hant", "LATIN", "eng"]) == ["zh", "latin", "en"]
    for wrong in (["english"], [""], ["x" * 9], [f"a{chr(97 + i)}" for i in range(21)]):
        with pytest.raises(InputError, match="codes such as en,zh"):
            good(wrong)
