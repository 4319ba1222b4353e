import secrets

import pytest

from cowise.store import credentials

SECRET = secrets.token_urlsafe(32)


@pytest.fixture
def row(store):
    return store.write(
        lambda tx: credentials.add(tx, "link", SECRET, 7, seconds=60, about=(3, {"note": "für Änne 好"}))
    )


def test_a_secret_is_found_by_its_kind_until_its_time_is_over(store, clock, row):
    with store.read() as tx:
        assert credentials.find(tx, "link", SECRET) == row
        assert credentials.find(tx, "session", SECRET) is None
        assert credentials.find(tx, "link", SECRET + "x") is None
        assert (row.account, row.project, row.body, row.expires) == (7, 3, {"note": "für Änne 好"}, clock.now + 60)
    clock.pass_by(60)
    with store.read() as tx:
        assert credentials.find(tx, "link", SECRET) is None
        assert credentials.by_id(tx, "link", row.id) is None
        assert credentials.of_account(tx, 7, "link") == []
    assert store.write(lambda tx: credentials.use_up(tx, "link", SECRET)) is None


def test_used_up_once(store, row):
    assert store.write(lambda tx: credentials.use_up(tx, "link", SECRET)) == row
    assert store.write(lambda tx: credentials.use_up(tx, "link", SECRET)) is None


def test_the_database_holds_no_secret(store, row, tmp_path):
    assert len({secrets.token_urlsafe(32) for _ in range(100)}) == 100
    assert len(credentials.digest(SECRET)) == 64
    if not store.postgres:
        store.close()
        held = b"".join(p.read_bytes() for p in (tmp_path / "home").rglob("*") if p.is_file())
        assert credentials.digest(SECRET).encode() in held
        assert SECRET.encode() not in held


@pytest.mark.parametrize("secret", ["", "\x00", "\ud800", "x" * 100_000, "' OR 1=1 --"])
def test_hostile_secrets_find_nothing(store, row, secret):
    with store.read() as tx:
        assert credentials.find(tx, "link", secret) is None


def test_what_is_over_is_swept_when_something_new_comes(store, clock, row):
    clock.pass_by(61)
    store.write(lambda tx: credentials.add(tx, "session", "other", 8, seconds=60, about=(0, {})))
    clock.now -= 30
    with store.read() as tx:
        assert credentials.find(tx, "link", SECRET) is None
        assert credentials.last_seen(tx) == {8: clock.now + 30}


def test_ending_by_account_kind_and_project(store):
    def work(tx):
        made = [
            credentials.add(tx, kind, f"{kind} {account} {project}", account, seconds=60, about=(project, {}))
            for kind in ("session", "token", "invitation") for account in (1, 2) for project in (0, 5)
        ]  # fmt: skip
        assert credentials.revoke_all(tx, 1, "session", but=made[0].id) == 1
        assert credentials.revoke_in(tx, 1, 5) == 2
        assert len(credentials.of_project(tx, 5, "token")) == 1
        assert credentials.revoke_all(tx, 2) == 6
        credentials.touch(tx, made[0].id, 9e9)
        assert [c.expires for c in credentials.of_account(tx, 1, "session")] == [9e9]
        credentials.revoke(tx, made[0].id)
        assert credentials.of_account(tx, 1, "session") == []
        assert len(credentials.of_account(tx, 1, "token")) == 1

    store.write(work)
