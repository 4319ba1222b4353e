import pytest

from cowise.core.errors import ConflictError, ForbiddenError, MissingError
from cowise.store import accounts, members, projects, queue
from cowise.store.queue import Wanted


@pytest.fixture
def ada(store):
    return store.write(lambda tx: accounts.add(tx, "Ada", owner=True, language="zh", password="hash"))


@pytest.fixture
def bob(store, ada):
    return store.write(lambda tx: accounts.add(tx, "Bob"))


def test_an_account_is_kept_as_it_was_made(store, ada, bob):
    with store.read() as tx:
        assert accounts.get(tx, ada.id) == ada
        assert accounts.by_name(tx, " ADA ") == ada
        assert accounts.by_name(tx, "nobody") is None
        assert accounts.all_of(tx) == [ada, bob]
        assert (ada.owner, ada.language, ada.password, ada.active) == (True, "zh", "hash", True)
        assert len(ada.salt) == 16
        assert ada.salt != bob.salt
        with pytest.raises(MissingError, match="999"):
            accounts.get(tx, 999)


@pytest.mark.parametrize("name", ["ada", "ADA", "  Ada ", "Ａda"])
def test_two_names_that_look_the_same_are_one(store, ada, bob, name):
    with pytest.raises(ConflictError, match="choose another"):
        store.write(lambda tx: accounts.add(tx, name))
    with pytest.raises(ConflictError, match="choose another"):
        store.write(lambda tx: accounts.set_name(tx, bob.id, name))
    store.write(lambda tx: accounts.set_name(tx, ada.id, name))  # one's own name in another form is no conflict


def test_the_last_owner_stays(store, ada, bob):
    for work in (lambda tx: accounts.set_owner(tx, ada.id, False), lambda tx: accounts.erase(tx, ada.id)):
        with pytest.raises(ConflictError, match="last owner"):
            store.write(work)
    store.write(lambda tx: accounts.set_owner(tx, bob.id, True))
    store.write(lambda tx: accounts.set_owner(tx, ada.id, False))
    with store.read() as tx:
        assert accounts.owners(tx) == [bob.id]


def test_two_owners_who_remove_each_other_at_once_leave_one(store, ada, bob):
    store.write(lambda tx: accounts.set_owner(tx, bob.id, True))
    futures = [store.submit(lambda tx, who=who: accounts.set_owner(tx, who, False)) for who in (ada.id, bob.id)]
    errors = [future.exception() for future in futures]
    assert [type(each) for each in errors] == [type(None), ConflictError]
    with store.read() as tx:
        assert accounts.owners(tx) == [bob.id]


def test_roles_follow_the_project_through_a_new_name(store, bob, project, make):
    make("other")
    store.write(lambda tx: accounts.put_seat(tx, bob.id, project, "lead"))
    store.write(lambda tx: projects.rename(tx, project, "renamed"))
    with store.read() as tx:
        assert accounts.roles(tx, bob) == {"renamed": "lead"}


def test_an_owner_of_the_workspace_owns_every_project(store, ada, make):
    make("one"), make("two")
    with store.read() as tx:
        assert accounts.roles(tx, ada) == {"one": "owner", "two": "owner"}


def test_a_deleted_project_takes_its_seats_and_credentials_along(store, bob, project):
    store.write(lambda tx: accounts.put_seat(tx, bob.id, project, "lead"))
    store.write(lambda tx: projects.close(tx, project))
    with store.read() as tx:
        assert accounts.roles(tx, bob) == {}
    while store.write(lambda tx: projects.sweep(tx, project)):
        pass
    with store.read() as tx:
        assert accounts.seats_of_account(tx, bob.id) == []


def test_a_seat_answers_as_one_member_for_ever(store, ada, bob, project):
    def work(tx):
        accounts.put_seat(tx, bob.id, project, "reviewer")
        members.ensure(tx, project, "Bob")  # somebody at a terminal, of the same name
        first, fresh = accounts.member(tx, bob, project)
        assert (first.name, fresh) == ("Bob (2)", True)
        accounts.set_name(tx, bob.id, "Robert")
        assert accounts.member(tx, accounts.get(tx, bob.id), project) == (first, False)
        second = accounts.add(tx, "Bob")  # the name is free now
        accounts.put_seat(tx, second.id, project, "reviewer")
        assert accounts.member(tx, second, project)[0].name == "Bob (3)"
        assert accounts.holder(tx, first.id) == bob.id
        assert accounts.holder(tx, 999) is None

    store.write(work)


def test_closing_a_seat_gives_back_what_is_held_and_opening_it_brings_the_same_member(store, bob, project, add):
    add(["a", "b", "c"])

    def work(tx):
        accounts.put_seat(tx, bob.id, project, "reviewer")
        member, _ = accounts.member(tx, bob, project)
        queue.fill(tx, project, [Wanted(i, float(i), "train") for i in range(3)])
        assert queue.lease(tx, project, member.id)
        assert queue.lease(tx, project, member.id)
        assert accounts.close_seat(tx, bob.id, project) == 2
        assert queue.held_by(tx, project, member.id) == []
        assert not members.by_id(tx, member.id).active
        with pytest.raises(ForbiddenError, match="no seat"):
            accounts.member(tx, bob, project)
        accounts.put_seat(tx, bob.id, project, "lead")
        assert accounts.member(tx, bob, project)[0].id == member.id
        assert members.by_id(tx, member.id).active

    store.write(work)


def test_only_an_owner_of_the_workspace_is_given_a_seat_by_answering(store, ada, bob, project):
    def work(tx):
        assert accounts.member(tx, ada, project)[0].name == "Ada"
        assert accounts.seat(tx, ada.id, project).role == "reviewer"
        with pytest.raises(ForbiddenError):
            accounts.member(tx, bob, project)

    store.write(work)


def test_erasing_leaves_no_name(store, ada, bob, project):
    def work(tx):
        accounts.put_seat(tx, bob.id, project, "reviewer")
        member, _ = accounts.member(tx, bob, project)
        accounts.erase(tx, bob.id)
        assert members.by_id(tx, member.id).name.startswith("erased ")
        assert members.by_id(tx, member.id).salt is None

    store.write(work)
    with store.read() as tx:
        assert accounts.by_name(tx, "Bob") is None
        assert [each.name for each in accounts.all_of(tx)] == ["Ada"]
        assert [seat.active for seat in accounts.seats_of_account(tx, bob.id)] == [False]
