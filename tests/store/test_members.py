"""Members of a project, alike on both databases."""

from cowise.store import members, queue
from cowise.store.queue import Wanted


def test_what_each_member_holds_is_counted_until_it_expires(store, project, add, person, clock):
    add([f"text {i}" for i in range(6)])
    other = store.write(lambda tx: members.ensure(tx, project, "Ada")).id
    store.write(lambda tx: queue.fill(tx, project, [Wanted(i, float(i), "decide") for i in range(6)]))
    for who, seconds in ((person, 100), (person, 10), (other, 100)):
        store.write(lambda tx, who=who, seconds=seconds: queue.lease(tx, project, who, seconds=seconds))
    with store.read() as tx:
        assert members.holding(tx, project) == {person: 2, other: 1}
        assert members.holding(tx, project + 1) == {}
    clock.pass_by(11)
    with store.read() as tx:
        assert members.holding(tx, project) == {person: 1, other: 1}
