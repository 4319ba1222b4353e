"""A workspace with everything in it that a page can show, made before its server starts; and the way to each page."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify, content_id
from cowise.loop import accounts, books
from cowise.store import members, opinions, projects

LABELS = ("billing", "bug", "praise")
WORDS = {
    "billing": ["invoice", "charge", "refund", "payment", "card", "price", "bill", "receipt", "money", "cost"],
    "bug": ["crash", "error", "freeze", "broken", "login", "screen", "fail", "button", "update", "slow"],
    "praise": ["love", "great", "thanks", "wonderful", "happy", "nice", "super", "best", "perfect", "enjoy"],
}
MANY = tuple(f"topic {i}" for i in range(40))
INSTRUCTIONS = "# What is it about?\n\n- **billing**: money\n- `bug`: something broke\n\n> When in doubt, [ask](https://example.org)."
CSV = (
    "id,message,team\n"
    + "\n".join(f"{i},my {('card', 'screen', 'love')[i % 3]} {i} please,{LABELS[i % 3]}" for i in range(40))
    + "\n"
)


def texts(n: int, seed: int, noise: float = 0.05) -> dict[str, str]:
    """`n` texts with their answers; a share of `noise` speaks of something else."""
    rng, found = random.Random(seed), dict[str, str]()
    while len(found) < n:
        label = rng.choice(LABELS)
        about = rng.choice(LABELS) if rng.random() < noise else label
        found[" ".join([*rng.sample(WORDS[about], 3), "my app today", str(rng.randrange(10_000))])] = label
    return found


def answer(
    ws: Any, name: str, gold: dict[str, str], *, limit: int = 10_000, until: str = "", member: str = "ann"
) -> None:
    """Answer truthfully what is asked, `limit` times or until the advice is of that kind."""
    known = {content_id(text): label for text, label in gold.items()}
    with loop.session(ws, name, member) as review:
        for _ in range(limit):
            asked = review.ask(1)
            if not asked or (until and review.advice is not None and review.advice.kind == until):
                return
            review.take(asked[0], Answer.of(known[asked[0].item]), 1.0)


@dataclass
class Stock:
    """Projects by what they show: `certified` (questions with and without suggestions), `learning` (a sweep), `many`."""

    certified: str = "tickets"
    learning: str = "反馈"
    many: str = "many labels"
    team: str = "team"
    item: str = ""
    lead_invitation: str = ""
    open_invitation: str = ""
    reviewer: dict[str, str] = field(default_factory=dict)


def stock(home: Path) -> Stock:
    """Fill a new workspace; takes about two seconds, as the encoder has no weights."""
    made = Stock()
    with loop.open_workspace(Settings(home=home, models=home / "no-models"), create=True) as ws:
        task = classify(*LABELS, instructions=INSTRUCTIONS, language="en")
        for seed in range(3, 15):  # what is certified, and so what is left for people, depends on lots
            gold = texts(420, seed, 0.25)
            loop.create(ws, made.certified, task, Promise(0.1, 0.8), encoder="hashing")
            loop.add(ws, made.certified, [{"text": t, "meta": {"from": f"customer {i}"}} for i, t in enumerate(gold)])
            answer(ws, made.certified, gold, until="decide")
            now = loop.status(ws, made.certified)
            if now.certificate and now.queued > 60:
                break
            loop.delete(ws, made.certified)
        made.item = content_id(next(iter(gold)))
        more = texts(300, 5, 0.1)
        loop.create(ws, made.learning, classify(*LABELS, language="zh"), Promise(0.01, 0.99), encoder="hashing")
        loop.add(ws, made.learning, list(more))
        answer(ws, made.learning, more, limit=66)
        loop.learn(ws, made.learning)
        loop.create(ws, made.many, classify(*MANY), Promise(0.05, 0.9), encoder="hashing")
        loop.add(ws, made.many, list(texts(30, 7)))
        crew(ws, made.team)
    return made


CREW = {"Ann": 0.97, "Bob": 0.93, "Eve": 0.88, "Joe": 0.85}


def crew(ws: Any, name: str) -> None:
    """A project that several people answered until the machine was certified; one of them, Zoe, says the same to everything."""
    rng, gold = random.Random(2), texts(500, 21, 0.02)
    known = {content_id(text): label for text, label in gold.items()}
    loop.create(ws, name, classify(*LABELS, language="en"), Promise(0.1, 0.8), encoder="hashing")
    loop.add(ws, name, list(gold))
    some = loop.items(ws, name, limit=60)

    def twice(tx: Any) -> None:
        project = projects.get(tx, name).id
        for who in ("Ann", "Bob", "Zoe"):
            member = members.ensure(tx, project, who).id
            for i, one in enumerate(some):
                right = rng.random() < CREW.get(who, 0.0)
                said = Answer.of(known[one.id] if right else "bug")
                opinions.put_new(tx, project, opinions.Said(one.ordinal, member, said, 2.0 + i / 20, blind=True))
                books.decide(tx, project, one.ordinal)

    ws.store.write(twice)
    while True:
        given = 0
        for who, right in CREW.items():
            with loop.session(ws, name, who) as review:
                for one in review.ask(3):
                    label = known[one.item] if rng.random() < right else rng.choice(LABELS)
                    review.take(one, Answer.of(label), 2.0)
                    given += 1
        if not given or loop.status(ws, name).certificate:
            return


def proven(home: Path, name: str) -> None:
    """A workspace with one project, whose owner answered until the machine was certified."""
    with loop.open_workspace(Settings(home=home, models=home / "no-models"), create=True) as ws:
        gold = texts(420, 3)
        loop.create(ws, name, classify(*LABELS, language="en"), Promise(0.1, 0.8), encoder="hashing")
        loop.add(ws, name, list(gold))
        answer(ws, name, gold, until="decide", member=accounts.member_of(ws, name, accounts.operator(ws)))
        assert loop.status(ws, name).certificate


def people(site: Any, made: Stock) -> None:
    """A reviewer who answered, an open invitation, a flag: through the API, as the page does it."""
    at = f"/api/projects/{made.certified}"
    for role, note in (("reviewer", "for Rose"), ("lead", "for Leo"), ("reviewer", "nobody yet")):
        link = (
            site.client.post(f"{at}/invitations", json={"role": role, "note": note}).raise_for_status().json()["link"]
        )
        token = link.rsplit("/", 1)[1]
        if note == "nobody yet":
            made.open_invitation = token
        else:
            with site.stranger() as client:
                body = {"name": note.removeprefix("for "), "password": "a long password", "language": "en"}
                client.post(f"/api/invitations/{token}", json=body).raise_for_status()
                if role == "reviewer":
                    made.reviewer = dict(client.cookies.items())
                    held = client.post(f"{at}/questions", json={"n": 2}).json()["questions"]
                    for one in held:
                        said = {"token": one["token"], "item": one["item"], "answer": {"kind": "label", "value": "bug"}}
                        client.post(f"{at}/answers", json=said).raise_for_status()
    one = site.client.post(f"{at}/questions", json={"n": 1}).json()["questions"][0]
    said = {"token": one["token"], "item": one["item"], "answer": {"kind": "label", "value": "bug"}}
    site.client.post(f"{at}/answers", json=said).raise_for_status()
    site.client.post(f"{at}/flags", json={"item": made.item, "note": "two things at once?"}).raise_for_status()


Way = Callable[[Any], None]


def go(page: Any, to: str) -> None:
    """Another route of the page that is open already, as a link would do it."""
    page.keyboard.press("Escape")
    page.evaluate("() => { location.hash = '#/on/the/way' }")
    page.wait_for_function(
        "() => document.title.startsWith(document.querySelector('h1')?.textContent ?? '-')", polling=50
    )
    page.locator("main a[href='#/']").first.wait_for()
    page.evaluate("to => { location.hash = to }", "#/" + to)


def ready(page: Any, seen: str) -> None:
    """Until that is shown and nothing loads any more."""
    page.locator(seen).first.wait_for()
    page.wait_for_function("() => !document.querySelector('main [aria-busy=true]')", polling=50)


def question(page: Any, project: str, *, suggested: bool) -> None:
    """The review page with a question that shows a suggestion, or with one that shows none."""
    go(page, f"p/{project}/review")
    page.locator(".passage").first.wait_for()
    page.locator(
        ".choices button:enabled"
    ).first.wait_for()  # a suggestion is one of the labels, which come by themselves
    for _ in range(12):
        shown = page.locator(".accept").count() > 0
        if shown == suggested:
            return
        page.wait_for_timeout(200)  # a key in the first moment answers nothing
        before = page.locator(".passage").inner_text()
        page.keyboard.press("1")
        page.wait_for_function("t => document.querySelector('.passage')?.innerText !== t", arg=before, polling=50)
    raise AssertionError("no such question came")


def places(made: Stock) -> Iterator[tuple[str, Way]]:
    """Every page and dialog of somebody who is signed in as the owner, by name, in an order that needs no reload."""
    p, q, m = (f"p/{name}" for name in (made.certified, made.learning, made.many))

    def at(to: str, seen: str) -> Way:
        return lambda page: (go(page, to), ready(page, seen))[1]

    def then(way: Way, *keys: str, seen: str = "dialog[open]") -> Way:
        def act(page: Any) -> None:
            way(page)
            for key in keys:
                page.keyboard.press(key)
            ready(page, seen)

        return act

    def press(way: Way, selector: str, seen: str = "dialog[open]", nth: int = 0) -> Way:
        def act(page: Any) -> None:
            way(page)
            page.locator(selector).nth(nth).click()
            ready(page, seen)

        return act

    def drop(page: Any) -> None:
        go(page, "new")
        page.locator("input[type=file]").set_input_files(
            {"name": "tickets of may.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
        )
        ready(page, ".chips")

    def refused(page: Any) -> None:
        drop(page)
        page.locator("[role=tab]").nth(1).click()
        page.locator("form input.control").first.fill("")
        page.locator("form button[type=submit]").click()
        ready(page, "[aria-invalid=true]")

    def splitting(page: Any) -> None:
        go(page, f"{p}/settings")
        box = page.locator("#reshape form").nth(1)
        box.wait_for()
        box.locator("select").select_option(index=2)
        box.locator("textarea").fill("crash\nslow")
        box.locator("button").click()
        ready(page, "dialog[open] .said li")

    blind = lambda page: question(page, made.certified, suggested=False)  # noqa: E731
    review = at(f"{p}/review", ".passage")
    yield "home", at("", ".list")
    yield "account", at("me", "form")
    yield "missing", at("no/such/page", "h1")
    yield "no such project", at("p/nothing", "[role=alert], .failure, h1")
    yield "wizard", at("new", ".drop")
    yield "wizard, pasting", press(at("new", ".drop"), ".drop button", "textarea", -1)
    yield "wizard, a file", drop
    yield "wizard, refused", refused
    yield "overview", at(p, "svg[role=img]")
    yield "overview, learning", at(q, "svg[role=img]")
    yield "items", at(f"{p}/items", "tbody a")
    yield "items, none fits", at(f"{p}/items?q=nosuchword", "h2")
    yield "items, quick look", press(at(f"{p}/items", "tbody a"), ".look button")
    yield "item", at(f"{p}/items/{made.item}", ".story li")
    yield (
        "item, how it came about",
        press(at(f"p/{made.team}/items?route=consensus&split=true", "tbody a"), "tbody a", ".account li"),
    )
    yield "people", at(f"{p}/people", "tbody tr")
    yield "people, a team", at(f"p/{made.team}/people", "#worth")
    yield "people, inviting", press(at(f"{p}/people", "tbody tr"), "main header button")
    yield "people, removing", press(at(f"{p}/people", "tbody tr"), "tbody tr td:last-child button")
    yield "audits", at(f"p/{made.team}/audits", "tbody li")
    yield "audits, none fits", at(f"p/{made.team}/audits?only=wrong&look=99", "search")
    yield "audits, none yet", at(f"{m}/audits", "h2")
    yield "promise", at(f"{p}/promise", "figure svg")
    yield "promise, the table", press(at(f"{p}/promise", "figure svg"), "summary", "table")
    yield "promise, too early", at(f"{m}/promise", "h2")
    yield "models", at(f"{p}/models", "article.card")
    yield "models, withdrawing", press(at(f"{p}/models", "article.card"), ".push .danger, .push button")
    yield "models, releasing", press(at(f"{q}/models", "table"), "tbody td:last-child button")
    yield "settings", at(f"{p}/settings", "#workspace dl")
    yield "settings, adding texts", at(f"{p}/settings?part=texts", "dialog[open]")
    yield "settings, splitting", splitting
    yield "settings, deleting", press(at(f"{p}/settings", "#delete button"), "#delete button")
    yield "sweep", at(f"{q}/sweep", "[data-row]")
    yield "sweep, nothing", at(f"{m}/sweep", "h2")
    yield "review, blind", blind
    yield "review, suggestion", lambda page: question(page, made.certified, suggested=True)
    yield "review, keys", then(review, "?")
    yield "review, flag", then(review, "f")
    yield "review, my answers", then(review, "h")
    yield (
        "review, correcting",
        press(then(review, "h", seen="dialog[open] li"), "dialog[open] li button", "dialog[open] select"),
    )
    yield (
        "review, yes or no",
        press(lambda page: question(page, made.certified, suggested=True), ".ways button", ".two", 1),
    )
    yield "review, many labels", at(f"{m}/review", "[role=option]")
