"""A project in Python: the same use cases as the command line, as methods of one object."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cowise import loop
from cowise.api.asking import shown, typed
from cowise.core.errors import InputError, MissingError
from cowise.core.registry import load
from cowise.core.settings import read
from cowise.core.types import Answer, Certificate, Decision, Promise, Question, Task, Window
from cowise.loop.kinds import Added, Progress, VersionInfo
from cowise.loop.standing import Status

if TYPE_CHECKING:
    from cowise.loop.doubts import Doubts
    from cowise.loop.estimating import Estimates
    from cowise.loop.explaining import Explained
    from cowise.loop.foretelling import Forecast
    from cowise.loop.llm_seats import MemberView
    from cowise.loop.roster import Roster
    from cowise.loop.shade import Shadow
    from cowise.loop.spoken import Languages
    from cowise.loop.voicing import Voiced
    from cowise.loop.workload import Share

Person = Callable[[Question], Answer | str | Iterable[str] | None]
"""Answers a question: an `Answer`, a label, where sets are asked for any number of them, or None to skip."""


def open(  # noqa: A001 — cowise.open reads as it should
    name: str,
    *,
    task: Task | None = None,
    promise: Promise | None = None,
    encoder: str = "use-multilingual",
    home: str | Path | None = None,
) -> Project:
    """The project of that name; made with `task` and `promise` when it is not there yet.

    The workspace is `home`, or the one that COWISE_HOME names. MissingError for a project that is not there and no
    task to make it with, InputError where task or promise differ from those it has: change those by `project.change`.

    >>> import tempfile, cowise as cw
    >>> project = cw.open("tickets", task=cw.classify("bug", "praise"), encoder="hashing", home=tempfile.mkdtemp())
    >>> project.add(["It crashes", "I love it", "it crashes"]).items
    2
    >>> project.close()
    """
    settings = read(home=Path(home) if home is not None else None)
    ws = loop.open_workspace(settings, create=task is not None)
    try:
        _made(ws, name, task, promise, encoder)
    except BaseException:
        ws.close()
        raise
    return Project(ws, name)


def _made(ws: Any, name: str, task: Task | None, promise: Promise | None, encoder: str) -> None:
    known = {each.name: each for each in loop.listing(ws)}.get(name)
    if known is None:
        if task is None:
            raise MissingError(f"project {name!r} is not in {ws.home}; give task=cowise.classify('a', 'b') to make it")
        loop.create(ws, name, task, promise or Promise(), encoder=encoder)
        return
    for what, asked, has in (("task", task, known.task), ("promise", promise, known.promise)):
        if asked is not None and asked != has:
            raise InputError(
                f"project {name!r} has another {what}; leave it out to open the project, or use project.change({what}=…)"
            )


class Project:
    """One project of an open workspace; get it from `cowise.open`. A context manager: closing lets go of the workspace.

    >>> import tempfile, cowise as cw
    >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
    ...     added = project.add(["fine", "awful", "great", "dreadful"])
    ...     project.review(lambda question: "good" if question.text in ("fine", "great") else "bad")
    ...     project.status().human.share
    4
    1.0
    """

    def __init__(self, ws: Any, name: str) -> None:
        self._ws = ws
        self.name = name

    def add(
        self,
        source: str | Path | Iterable[Any],
        *,
        text: str | None = None,
        label: str | None = None,
        opinion: str | None = None,
        confidence: str | None = None,
        by: str = "",
    ) -> Added:
        """Add the texts of a file, folder, dataset, data frame or list; the names are of columns.

        `by` names who gave the labels, or the model whose `opinion`s these are.
        """
        columns = loop.Columns(text, label, opinion, confidence)
        found: Added = loop.add(self._ws, self.name, source, columns, how=loop.How(by=by))
        return found

    def review(self, person: Person | None = None, *, member: str = "me", limit: int = 0) -> int:
        """Answer what is asked, until nothing is left or `limit` answers are given; how many were.

        `person` answers a question by a label (where sets are asked for, by a list of them), an `Answer` ("none",
        "unsure") or None to skip. Without one the workspace
        opens in the browser until Ctrl-C; where there is none, you are asked here in the terminal.
        """
        if person is None and load("core.screen:browser_here")():
            return self._on_a_page()
        ask = person or typed
        given = 0
        with loop.session(self._ws, self.name, member) as review:
            while (not limit or given < limit) and (questions := review.ask(1)):
                answer = ask(questions[0])
                if answer is None:
                    review.skip(questions[0])
                    continue
                review.take(questions[0], questions[0].reply(answer))
                given += 1
        return given

    def _on_a_page(self) -> int:
        """Serve the workspace until Ctrl-C; how many answers were given meanwhile."""
        before = self.status().human.answers
        server = "web.server"
        load(f"{server}:serve")(self._ws, load(f"{server}:Where")(), shown)
        return self.status().human.answers - before

    def ask_where_it_pays(self, worth: float) -> None:
        """From now on ask one more person wherever a mended error may cost `worth` answers; 0: never."""
        loop.ask_where_it_pays(self._ws, self.name, worth)

    def ask_rare_first(self, balance: float) -> None:
        """From now on ask earlier about texts that the model gives rare labels, by so much: 0 not at all, 1 most."""
        loop.ask_rare_first(self._ws, self.name, balance)

    def merge(self, into: Mapping[str, str]) -> tuple[str, ...]:
        """Give every answer with one label another one, as `into` says; the labels there are then. Voids certificates."""
        return tuple(loop.merge(self._ws, self.name, into, confirmed=True).task.labels)

    def split(self, label: str, *parts: str) -> tuple[str, ...]:
        """Put several labels in the place of one; its texts are asked again. The labels then. Voids certificates."""
        return tuple(loop.split(self._ws, self.name, label, parts, confirmed=True).task.labels)

    def learn(self, progress: Progress | None = None) -> VersionInfo:
        """Fit the candidate to the answers so far and keep it; it automates nothing."""
        found: VersionInfo = loop.learn(self._ws, self.name, progress=progress)
        return found

    def certify(self, window: Window = "batch", *, progress: Progress | None = None) -> Certificate:
        """The certificate for the texts here (`batch`) or for texts to come (`stream`).

        GuaranteeError says how many audits it waits for, or why none can be had.
        """
        found: Certificate = loop.certify(self._ws, self.name, window=window, progress=progress)
        return found

    def versions(self) -> builtins.list[VersionInfo]:
        """Every model version, oldest first; the released one is what `status().version` names."""
        found: builtins.list[VersionInfo] = loop.versions(self._ws, self.name)
        return found

    def release(self, version: str, reason: str) -> int:
        """Release a version: the next look is over it. How many certificates that withdraws; what they automated comes back.

        >>> import tempfile, cowise as cw
        >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
        ...     added = project.add([f"text {i}" for i in range(8)])
        ...     project.review(lambda question: "good" if question.text[-1] in "0123" else "bad", limit=6)
        ...     first = project.learn().id
        ...     project.release(first, "a first try")
        ...     project.withdraw(first, "learned from too little")
        ...     [one.state for one in project.versions()]
        6
        0
        0
        ['withdrawn']
        """
        return int(loop.release(self._ws, self.name, version, reason))

    def withdraw(self, version: str, reason: str) -> int:
        """Take the released version back with its certificates, how many; what they automated goes to people."""
        return int(loop.withdraw_version(self._ws, self.name, version, reason))

    def shadow(self, *, texts: int = 0, rate: float = 0.05) -> Shadow:
        """Judge what was learned since on `texts` to come, 0 for a fair number, the share `rate` of all; it decides nothing."""
        found: Shadow = loop.shadow(self._ws, self.name, texts=texts, rate=rate)
        return found

    def stop_shadow(self, reason: str) -> bool:
        """Drop the version that runs in the shadow; whether there was one."""
        return bool(loop.stop_shadow(self._ws, self.name, reason))

    def add_member(
        self,
        name: str,
        llm: str,
        *,
        model: str = "",
        price: str = "0",
        budget: float | None = None,
        private: bool = False,
    ) -> MemberView:
        """Give a language model a seat: `llm` is an address as OpenAI's API has it, or local:NAME.

        `price` is money for 1,000 tokens ("0.15", or "0.15,0.60" for prompt and answer), `budget` the most it may spend;
        `private` lets the address lie on this machine or in a private network.
        """
        seat = loop.Seated(llm, model, price, budget, private=private)
        found: MemberView = loop.add_member(self._ws, self.name, name, seat)
        return found

    def members(self) -> builtins.list[MemberView]:
        """The language models of the project, closed seats too."""
        found: builtins.list[MemberView] = loop.list_members(self._ws, self.name)
        return found

    def remove_member(self, name: str) -> None:
        """Close a language model's seat; its opinions stay."""
        loop.remove_member(self._ws, self.name, name)

    def opinions(self, *members: str, limit: int = 0, progress: Progress | None = None) -> builtins.list[Voiced]:
        """Ask the language models (or these `members`) about the open texts, at most `limit` each; what each brought."""
        found: builtins.list[Voiced] = loop.opinions(self._ws, self.name, only=members, limit=limit, progress=progress)
        return found

    def decide(self, texts: Iterable[str], *, audit: float = 0.05, keep: bool = False) -> Iterator[Decision]:
        """One decision for each new text; without a certificate for texts to come, all of them go to people.

        The share `audit` of the automated ones is drawn by lot and asked of people, blind. With `keep` every text becomes
        an item: people are asked what the machine may not answer, and the rest too if its certificate is withdrawn.
        """
        found: Iterator[Decision] = loop.decide(self._ws, self.name, texts, audit=audit, keep=keep)
        return found

    def status(self) -> Status:
        """Where the project stands and what to do next."""
        found: Status = loop.status(self._ws, self.name)
        return found

    def roster(self) -> Roster:
        """Who is right how often, tells how much, agrees with whom, is how fast; and the released model by its audits.

        >>> import tempfile, cowise as cw
        >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
        ...     added = project.add(["fine", "awful"])
        ...     project.review(lambda question: "good", member="ann")
        ...     [(one.name, one.answers, one.right) for one in project.roster().people]
        2
        [('ann', 2, None)]
        """
        found: Roster = loop.roster_of(self._ws, self.name)
        return found

    def languages(self) -> Languages:
        """How many texts are in which language, who reads which, and how many texts wait that nobody reads.

        >>> import tempfile, cowise as cw
        >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
        ...     added = project.add(["fine", "很好", "糟糕"])
        ...     project.set_languages("ann", "en")
        ...     project.languages().unread
        ['en']
        {'zh': 2}
        """
        found: Languages = loop.languages(self._ws, self.name)
        return found

    def set_languages(self, member: str, *languages: str) -> builtins.list[str]:
        """What a person reads from now on, none for everything: nobody is asked about a text that they do not read."""
        return list(loop.set_languages(self._ws, self.name, member, languages))

    def capacities(self) -> dict[str, Share]:
        """How many answers a day each person gives at most, and how many more today.

        >>> import tempfile, cowise as cw
        >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
        ...     added = project.add(["fine", "awful", "great"])
        ...     project.set_capacity("ann", 2)
        ...     project.review(lambda question: "good", member="ann")
        ...     project.capacities()["ann"].left
        2
        2
        0
        """
        found: dict[str, Share] = loop.capacities(self._ws, self.name)
        return found

    def set_capacity(self, member: str, per_day: int) -> int:
        """How many answers a day a person gives at most from now on, 0 for no limit."""
        return int(loop.set_capacity(self._ws, self.name, member, per_day))

    def forecast(self, *, max_error: float | None = None, confidence: float | None = None) -> Forecast:
        """What the promise would cost in answers and let the machine answer alone, or one with other figures.

        >>> import tempfile, cowise as cw
        >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
        ...     project.forecast(max_error=0.02).state  # no answers yet
        'early'
        """
        found: Forecast = loop.forecast(self._ws, self.name, max_error=max_error, confidence=confidence)
        return found

    def estimates(self) -> Estimates:
        """What share of the texts has each label by the answers so far, and how often the machine alone would be right.

        >>> import tempfile, cowise as cw
        >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
        ...     project.estimates().state  # no answers yet
        'early'
        """
        found: Estimates = loop.estimates(self._ws, self.name)
        return found

    def label_errors(self, limit: int = 50) -> Doubts:
        """The `limit` most doubtful labels, judged by the model without them and by how reliable who gave them is; none is changed.

        >>> import tempfile, cowise as cw
        >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
        ...     said = [(f"{word} number {i}", label) for i in range(20) for word, label in (("lovely", "good"), ("awful", "bad"))]
        ...     added = project.add([{"t": text, "l": label} for text, label in [*said, ("lovely number 99", "bad")]], text="t", label="l")
        ...     [(row.text, row.given, row.suggested) for row in project.label_errors(limit=1).rows]
        [('lovely number 99', 'bad', 'good')]
        """
        found: Doubts = loop.label_errors(self._ws, self.name, limit=limit)
        return found

    def look_again(self, n: int, *, member: str = "me") -> int:
        """Ask somebody else, blind, about the `n` most doubtful labels that people gave here; how many questions that makes."""
        return int(loop.look_again(self._ws, self.name, n, by=member))

    def explain(self, text_or_item: str, method: str = "default", target: str | None = None) -> Explained:
        """Which words make the released version, or else the newest, give a label its probability: the likeliest or `target`.

        Takes a text, or the id of an item: one whose answer people may still be asked for is refused (ForbiddenError).

        >>> import tempfile, cowise as cw
        >>> with cw.open("moods", task=cw.classify("good", "bad"), encoder="hashing", home=tempfile.mkdtemp()) as project:
        ...     added = project.add([f"{word} number {i}" for i in range(10) for word in ("lovely", "awful")])
        ...     n = project.review(lambda question: "good" if "lovely" in question.text else "bad", limit=16)
        ...     version = project.learn()
        ...     project.explain("a lovely day").explanation.strongest[0].text
        'lovely'
        """
        ask = load("core.explanation:Ask")(target=target)
        found: Explained = loop.explain(self._ws, self.name, text_or_item, method=method, ask=ask)
        return found

    def change(self, *, task: Task | None = None, promise: Promise | None = None) -> None:
        """Change task or promise; certificates are withdrawn."""
        loop.change(self._ws, self.name, task=task, promise=promise)

    def export(
        self, file: str | Path, *, form: str = "", overwrite: bool = False, language: str = "en"
    ) -> Path:  # fmt: skip
        """Write every text with who decided it, when, by which route, version and certificate; the file. Reasons in en or zh."""
        written = loop.export(self._ws, self.name, file, form=form, overwrite=overwrite, telling=loop.Telling(language))
        return Path(written.file)

    def simulate(self, gold: Mapping[str, str | Sequence[str]], *, member: str = "known answers") -> Status:
        """Play the loop to its end with known answers by text in place of people, of sets lists; the status after it.

        A rehearsal over many repetitions on a copy is `cowise simulate`.
        """
        known = {load("core.types:content_id")(text): label for text, label in gold.items()}
        load("loop.demonstration:play")(self._ws, self.name, known, member=member)
        return self.status()

    def close(self) -> None:
        """Let go of the workspace."""
        self._ws.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
