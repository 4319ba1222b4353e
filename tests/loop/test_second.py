"""Second opinions where somebody wants one: who is asked, what they change, and what they never are."""

import json

import pytest
from worlds import EVERY_DATABASE, LABELS, PROMISE, answer, by_id, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, InputError, LimitError, MissingError
from cowise.core.types import Answer, Promise, Task
from cowise.loop import accounts, plan, walks
from cowise.loop.board import read
from cowise.loop.desk import Desk, Given
from cowise.loop.second import ask_again
from cowise.store import certificates, decisions, ledger, members, opinions, projects, queue


def seat(ws, *names):
    for name in names:
        ws.store.write(lambda tx, name=name: members.ensure(tx, 1, name))


def say(ws, item, who, answer_, name="p"):
    """One person's answer to a held question about this item."""
    with loop.session(ws, name, who) as review:
        question = next(q for q in review.ask(300) if q.item == item)
        review.take(question, answer_)
        return question


def other(label):
    return next(each for each in LABELS if each != label)


def first(ws, gold, who="ann"):
    """An item that `who` has just answered rightly."""
    with loop.session(ws, "p", who) as review:
        question = review.ask(1)[0]
        review.take(question, Answer.of(by_id(gold)[question.item]))
    return question.item


def made(ws, item):
    with ws.store.read() as tx:
        return decisions.get(tx, 1, read(ws, "p").ids.index(item))


def waiting(ws):
    with ws.store.read() as tx:
        return [place for place in queue.rows(tx, 1) if place.kind == "second"]


def events(ws, kind):
    with ws.store.read() as tx:
        found = [json.loads(entry.record) for entry in ledger.each(tx, project=1)]
    return [one for one in found if one["event"] == kind]


def test_a_second_opinion_is_asked_blind_of_somebody_else(ws, gold):
    item = first(ws, gold)
    seat(ws, "bob")
    assert ask_again(ws, "p", [item], by="ann") == 1
    assert ask_again(ws, "p", [item, item], by="ann") == 0, "one waits already"
    assert [(place.kind, place.blind) for place in waiting(ws)] == [("second", True)]
    with loop.session(ws, "p", "ann") as ann:
        assert item not in {q.item for q in ann.ask(70)}
    question = say(ws, item, "bob", Answer.of(by_id(gold)[item]))
    assert (question.suggestion, question.blind) == (None, True)
    assert (made(ws, item).route, made(ws, item).reason) == ("consensus", "2 of 2 people gave this answer")
    assert loop.verify(ws).ok
    assert [one.outcome for one in loop.replay(ws, "p")] == []


def test_two_who_disagree_are_told_apart_and_a_third_decides(ws, gold):
    item = first(ws, gold)
    right = by_id(gold)[item]
    seat(ws, "bob", "cat")
    ask_again(ws, "p", [item], by="ann")
    say(ws, item, "bob", Answer.of(other(right)))
    assert (made(ws, item).answer, made(ws, item).route) == (Answer.of(right), "reviewed")
    assert (made(ws, item).reason, made(ws, item).split) == ("1 of 2 people gave this answer", True)
    assert [v.id for v in loop.items(ws, "p", loop.Filter(split=True))] == [item]
    assert ask_again(ws, "p", [item], by="ann") == 1
    with ws.store.read() as tx:
        assert queue.seats(tx, 1, read(ws, "p").ids.index(item)) == {2: "second"}
    say(ws, item, "cat", Answer.of(other(right)))
    assert (made(ws, item).answer, made(ws, item).route) == (Answer.of(other(right)), "consensus")
    assert made(ws, item).reason == "2 of 3 people gave this answer"


def test_unsure_is_no_disagreement_and_the_next_person_is_asked(ws, gold):
    item = first(ws, gold)
    seat(ws, "bob", "cat")
    ask_again(ws, "p", [item], by="ann")
    say(ws, item, "bob", Answer("unsure"))
    assert not made(ws, item).split
    assert len(waiting(ws)) == 1
    say(ws, item, "cat", Answer.of(by_id(gold)[item]))
    assert made(ws, item).route == "consensus"
    assert not waiting(ws)


def test_what_cannot_be_asked_again(ws, gold):
    item = first(ws, gold)
    open_one = next(one for one in read(ws, "p").ids if one != item)
    with pytest.raises(ConflictError, match=r"nobody else with an open seat .* cowise invite p"):
        ask_again(ws, "p", [item], by="ann")
    seat(ws, "bob")
    with pytest.raises(MissingError, match="'nowhere' is not in project"):
        ask_again(ws, "p", [item, "nowhere"], by="ann")
    with pytest.raises(InputError, match=r"nobody has answered it, .* it is asked in any case"):
        ask_again(ws, "p", [item, open_one], by="ann")
    with pytest.raises(LimitError, match="at most 200"):
        ask_again(ws, "p", [str(i) for i in range(201)], by="ann")
    assert not waiting(ws), "all or none"
    loop.add(ws, "p", [{"t": "given one", "l": "bug"}], loop.Columns(text="t", label="l"))
    with pytest.raises(InputError, match="it came with its label"):
        ask_again(ws, "p", [read(ws, "p").ids[-1]], by="ann")


def test_who_passed_it_on_left_or_is_a_model_is_nobody(ws, gold):
    item = first(ws, gold)
    seat(ws, "bob", "cat")
    ask_again(ws, "p", [item], by="ann")
    with loop.session(ws, "p", "bob") as bob:
        bob.skip(next(q for q in bob.ask(300) if q.item == item))
    with ws.store.read() as tx:
        cat = members.get(tx, 1, "cat").id
    ws.store.write(lambda tx: members.set_active(tx, cat, active=False))
    ws.store.write(lambda tx: members.ensure(tx, 1, "robot", "encoder"))
    ws.store.write(lambda tx: queue.clear(tx, 1, ("second",)))
    with pytest.raises(ConflictError, match="nobody else"):
        ask_again(ws, "p", [item], by="ann")


@EVERY_DATABASE
def test_seats_of_accounts_count_before_their_first_question(house, owner, join):
    gold = texts(40)
    loop.add(house, "p", list(gold))
    lead = join("Lea", role="lead").caller
    member = accounts.member_of(house, "p", lead)
    item = first(house, gold, member)
    house.store.write(lambda tx: members.ensure(tx, 1, member))
    assert ask_again(house, "p", [item], by=member) == 1, "an owner of the workspace can answer"
    boss = accounts.member_of(house, "p", owner)
    say(house, item, boss, Answer.of(by_id(gold)[item]))
    with pytest.raises(ConflictError, match="nobody else"):
        ask_again(house, "p", [item], by=member)
    join("Ivo", role="inspector")
    with pytest.raises(ConflictError, match="nobody else"):
        ask_again(house, "p", [item], by=member)
    join("Rae")
    assert ask_again(house, "p", [item], by=member) == 1


def test_the_ledger_says_who_asked_under_salted_hashes(ws, gold):
    item = first(ws, gold)
    seat(ws, "bob")
    ask_again(ws, "p", [item], by="bob")
    (entry,) = events(ws, "asked again")
    answered = events(ws, "answered")[-1]
    assert entry["item"] == answered["item"] != item
    assert entry["by"] not in ("bob", answered["member"])
    say(ws, item, "bob", Answer.of("bug"))
    assert events(ws, "answered")[-1]["member"] == entry["by"]


def test_what_waits_is_neither_lost_nor_in_anybodys_way(ws, gold):
    answer(ws, gold, limit=30)
    with ws.store.read() as tx:
        asked = [row.ordinal for row in opinions.current(tx, 1)][:25]
    seat(ws, "bob")
    board, before = read(ws, "p"), loop.status(ws, "p")
    assert ask_again(ws, "p", [board.ids[o] for o in asked], by="ann") == 25
    after = loop.status(ws, "p")
    assert (after.queued, after.open, after.needed, after.second) == (before.queued, before.open, before.needed, 25)
    assert (before.second, read(ws, "p").waiting) == (0, board.waiting)
    answer(ws, gold)
    now = loop.status(ws, "p")
    assert (now.open, now.queued, now.second, now.phase) == (0, 0, 25, "stop")
    assert now.certificate
    assert {place.ordinal for place in waiting(ws)} == set(asked)
    assert plan.advance(ws, "p").queued == 0
    desk = Desk(ws, nudge=lambda name: plan.advance(ws, name))
    assert (desk.questions("p", "ann").questions, desk.questions("p", "ann").advice["kind"]) == ((), "stop")
    assert len(desk.questions("p", "bob").questions) == 3
    loop.withdraw(ws, "p", "a test")
    assert len(waiting(ws)) == 25, "who asked is not forgotten with the economy's questions"


def test_a_walk_begins_while_second_opinions_wait_and_are_held(ws, gold):
    answer(ws, gold, limit=40)
    with ws.store.read() as tx:
        done = [row.ordinal for row in opinions.current(tx, 1)]
    seat(ws, "bob")
    ids = read(ws, "p").ids
    ask_again(ws, "p", [ids[o] for o in done[:20]], by="ann")
    with ws.store.read() as tx:
        bob = members.get(tx, 1, "bob").id
    held = [ws.store.write(lambda tx, o=o: queue.lease_item(tx, 1, bob, o)) for o in done[:3]]
    assert {one.kind for one in held} == {"second"}
    answer(ws, gold, until="audit")
    assert read(ws, "p").project.settings["walk"]
    assert sorted(place.held for place in waiting(ws)) == [False] * 17 + [True] * 3


def drawn(ws):
    """(certificate, ordinals that it drew and that people answered, its labels by ordinal) of the one that stands."""
    board = read(ws, "p")
    with ws.store.read() as tx:
        (row,) = certificates.valid(tx, 1)
    layout = walks.kept(ws, row.certificate.details["blob"])
    codes = walks.codes_of(board, layout)
    found = [o for o in codes if board.said[o][0].used_for == "audit"]
    said = {int(o): LABELS[int(label)] for o, label in zip(layout.ordinals, layout.label, strict=True)}
    return row.certificate, found, said


@pytest.fixture
def certified(ws, gold):
    answer(ws, gold)
    seat(ws, "bob", "cat", "dan")
    return ws


def asked_of(ws, item, who, label):
    ask_again(ws, "p", [item], by="ann")
    return say(ws, item, who, Answer.of(label))


def test_an_audit_that_people_settle_otherwise_opens_its_certificate_again(certified, gold):
    ws = certified
    certificate, audits, said = drawn(ws)
    place = next(o for o in audits if by_id(gold)[read(ws, "p").ids[o]] == said[o])
    item = read(ws, "p").ids[place]
    wrong = other(said[place])
    asked_of(ws, item, "bob", wrong)
    assert loop.status(ws, "p").certificate == certificate.id, "at a tie the first answer stands"
    asked_of(ws, item, "cat", wrong)
    now = loop.status(ws, "p")
    assert now.certificate != certificate.id
    gone = events(ws, "withdrawn")
    assert [one["certificate"] for one in gone] == [certificate.id]
    assert gone[0]["reason"] == "other people gave another answer"
    loop.advance(ws, "p")
    again = events(ws, "certified")[1:]
    assert all(one["n_errors"] == certificate.n_errors + 1 for one in again), "evaluated with the answers as they are"
    assert again or loop.status(ws, "p").open, "or what it covered goes back to people"
    assert loop.verify(ws).ok
    assert {one.outcome for one in loop.replay(ws, "p")} <= {"same"}


def test_who_agrees_with_an_audit_changes_nothing(certified, gold):
    ws = certified
    certificate, audits, _ = drawn(ws)
    human = loop.status(ws, "p").human
    ids, known = read(ws, "p").ids, by_id(gold)
    for place in audits[:3]:
        for who in ("bob", "cat"):
            asked_of(ws, ids[place], who, known[ids[place]])
    now = loop.status(ws, "p")
    assert now.certificate == certificate.id
    assert not events(ws, "withdrawn")
    assert (now.human.audit, now.human.training) == (human.audit, human.training), "no second opinion is an audit"
    assert now.human.deferred == human.deferred + 6
    assert now.human.share == pytest.approx((human.answers + 6) / now.items)


def test_a_second_opinion_is_taken_back_like_any_other_and_says_nothing_of_audits(certified, gold):
    ws = certified
    certificate, audits, said = drawn(ws)
    ids, known = read(ws, "p").ids, by_id(gold)
    place = next(o for o in audits if known[ids[o]] == said[o])
    for who, label in (("bob", said[place]), ("cat", other(said[place])), ("dan", other(said[place]))):
        asked_of(ws, ids[place], who, label)
    assert loop.status(ws, "p").certificate == certificate.id
    with loop.session(ws, "p", "bob") as bob:
        assert bob.undo() == ids[place]
        assert bob.ask(1)[0].item == ids[place], "his question is his again"
        assert loop.status(ws, "p").certificate != certificate.id, "two of the three now say otherwise"
    assert events(ws, "withdrawn")[0]["reason"] == "an answer was taken back"
    assert [(place.kind, place.blind) for place in waiting(ws)] == [("second", True)]


def test_a_correction_that_settles_nothing_anew_leaves_the_certificate(certified, gold):
    ws = certified
    certificate, audits, said = drawn(ws)
    ids = read(ws, "p").ids
    place = next(o for o in audits if by_id(gold)[ids[o]] == said[o])
    asked_of(ws, ids[place], "bob", said[place])
    with loop.session(ws, "p", "bob") as bob:
        bob.correct(ids[place], Answer.of(other(said[place])))
    assert loop.status(ws, "p").certificate == certificate.id, "one against one: the first answer stands"
    with ws.store.read() as tx:
        assert {row.used_for for row in opinions.of_item(tx, 1, place)} == {"audit", "second"}
    with loop.session(ws, "p", "ann") as ann:
        ann.correct(ids[place], Answer.of(other(said[place])))
    assert certificate.id in {one["certificate"] for one in events(ws, "withdrawn")}


def test_in_an_open_walk_a_second_opinion_is_no_audit(ws, gold):
    answer(ws, gold, until="audit")
    answer(ws, gold, limit=8)
    board = read(ws, "p")
    layout = walks.kept(ws, board.project.settings["walk"]["blob"])
    codes = walks.codes_of(board, layout)
    assert codes, "the walk is under way"
    seat(ws, "bob")
    for place in codes:
        asked_of(ws, board.ids[place], "bob", by_id(gold)[board.ids[place]])
    assert walks.codes_of(read(ws, "p"), layout) == codes
    answer(ws, gold)
    with ws.store.read() as tx:
        rows = [row for row in opinions.current(tx, 1) if row.used_for == "second"]
    assert {row.ordinal for row in rows} == set(codes)
    assert {row.certificate for row in rows} == {""}
    assert all(row.used_for != "second" or row.blind for row in rows)


def test_who_was_shown_what_a_model_says_answers_no_longer_blind(ws, gold):
    item = first(ws, gold)
    seat(ws, "bob")
    place = read(ws, "p").ids.index(item)
    with ws.store.read() as tx:
        bob = members.get(tx, 1, "bob").id
    ws.store.write(lambda tx: queue.see(tx, 1, bob, [place]))
    asked_of(ws, item, "bob", "bug")
    with ws.store.read() as tx:
        assert [row.blind for row in opinions.of_item(tx, 1, place)] == [True, False]


def test_the_desk_has_a_changed_certificate_evaluated_and_tells_the_person_nothing(certified, gold):
    ws = certified
    certificate, audits, said = drawn(ws)
    ids = read(ws, "p").ids
    place = next(o for o in audits if by_id(gold)[ids[o]] == said[o])
    asked_of(ws, ids[place], "bob", other(said[place]))
    ask_again(ws, "p", [ids[place]], by="ann")
    nudged = []
    desk = Desk(ws, nudge=nudged.append)
    question = next(q for q in desk.questions("p", "cat", 20).questions if q.item == ids[place])
    nudged.clear()
    stored = desk.answer("p", "cat", Given(question.token, Answer.of(other(said[place]))))
    assert nudged == ["p"]
    assert (set(stored.__slots__), stored.next) == ({"repeated", "left", "next"}, None)
    with ws.store.read() as tx:
        assert not certificates.valid(tx, 1)
        assert projects.by_id(tx, 1).settings["walk"]["reopened"]
    nudged.clear()
    assert desk.undo("p", "cat").item == ids[place]
    assert nudged == [], "its certificate is open again already"
    plan.advance(ws, "p")
    assert loop.status(ws, "p").certificate not in ("", certificate.id)


def test_a_first_answer_that_is_taken_back_leaves_the_second(tmp_path):
    gold = texts(60)
    with world(tmp_path, gold) as ws:
        item = first(ws, gold)
        seat(ws, "bob")
        asked_of(ws, item, "bob", "bug")
        with loop.session(ws, "p", "ann") as ann:
            assert ann.undo() == item
            assert made(ws, item).answer == Answer.of("bug")
            ann.take(ann.ask(1)[0], Answer.of("bug"))
        assert made(ws, item).route == "consensus"
        assert loop.verify(ws).ok


def test_rare_labels_are_asked_about_earlier_where_that_is_asked(tmp_path):
    """One text in twenty is of the rare label: with a balance more of the training questions are."""
    rare = [text for text, label in texts(1600, seed=5, noise=0.0).items() if label == "praise"][:40]
    gold = {text: label for text, label in texts(1600, seed=5, noise=0.0).items() if label != "praise"}
    gold = {**dict(list(gold.items())[:760]), **dict.fromkeys(rare, "praise")}
    met = {}
    for balance in (0.0, 1.0):
        with world(tmp_path / str(balance), gold, Promise(0.01, 0.99)) as ws:
            loop.ask_rare_first(ws, "p", balance)
            assert loop.get(ws, "p").balance == balance
            answer(ws, gold, limit=160)
            board = read(ws, "p")
            met[balance] = int((board.label[board.decided] == LABELS.index("praise")).sum())
    assert met[1.0] > met[0.0]


def test_a_balance_that_cannot_be_is_refused(ws, tmp_path):
    with pytest.raises(InputError, match="give 0 to 1"):
        loop.ask_rare_first(ws, "p", 2.0)
    loop.create(ws, "sets", Task(("a", "b"), "multilabel"), PROMISE, encoder="hashing")
    with pytest.raises(ConflictError, match="a question of its own"):
        loop.ask_rare_first(ws, "sets", 0.5)
