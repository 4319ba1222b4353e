"""A language model that labels texts: asked twice, with the labels in two orders, and held to the task's labels.

Legend: n = texts, k = labels. Money is in whatever currency the price is given in.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from cowise.core.errors import InputError, LimitError
from cowise.core.types import Floats, Task
from cowise.models.chat import AnswerlessError, Chat
from cowise.models.likelihood import label_shares, tokens_of
from cowise.models.prompt import DIGEST, Example, messages, read_label, schema
from cowise.models.replies import Kept, Replies

TOP = 20
"""Alternatives that are asked for at each token: the most that OpenAI's API gives."""
MOST_LABELS = 500
"""A longer list of labels fills a prompt."""


@dataclass(frozen=True, slots=True)
class Price:
    """Money for 1,000 tokens of a prompt and of an answer."""

    prompt: float = 0.0
    answer: float = 0.0

    def __post_init__(self) -> None:
        """A price is a finite number, not below 0."""
        if not all(np.isfinite(each) and each >= 0 for each in (self.prompt, self.answer)):
            raise InputError("price: give money for 1,000 tokens, 0 or more: one number, or prompt,answer")

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost.

        >>> Price(0.5, 1.5).of(2000, 1000)
        2.5
        """
        return (tokens_in * self.prompt + tokens_out * self.answer) / 1000


class SpentError(LimitError):
    """The next request could cost more than is left of the budget."""


@dataclass(slots=True)
class Purse:
    """Money spent so far and the most that may be, None for no cap; shared by threads."""

    price: Price = field(default_factory=Price)
    budget: float | None = None
    spent: float = 0.0
    _held: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def hold(self, tokens_in: int, tokens_out: int) -> float:
        """Set aside what a request may cost at most; SpentError when that is not left."""
        most = self.price.of(tokens_in, tokens_out)
        with self._lock:
            if self.budget is not None and self.spent + self._held + most > self.budget:
                raise SpentError(
                    f"budget: {self.spent:.4f} of {self.budget:.4f} is spent and the next request may cost {most:.4f}; "
                    "raise the budget"
                )
            self._held += most
        return most

    def pay(self, held: float, cost: float) -> None:
        """Pay what a request did cost, and let go of what was set aside for it."""
        with self._lock:
            self._held -= held
            self.spent += cost


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is asked; with the task and the words of the prompt it makes the version.

    `where` is the address or the hash of the weights. `shots` examples are those nearest to the text among the texts
    that people answered. `confidence` is what an answer counts for where the server tells no probabilities.
    """

    model: str
    where: str
    shots: int = 4
    confidence: float = 0.8

    def __post_init__(self) -> None:
        """Few examples, and a confidence that says something."""
        if not 0 <= self.shots <= 32:
            raise InputError(f"shots: asked for {self.shots}; give 0 to 32 examples")
        if not 0 < self.confidence < 1:
            raise InputError(f"confidence: asked for {self.confidence}; give a share between 0 and 1")

    def version(self, task: Task) -> str:
        """The digest of all that shapes an answer: task, recipe, words of the prompt, rules of examples and orders.

        >>> Recipe("m", "here").version(Task(("a", "b"))) == Recipe("m", "here", shots=2).version(Task(("a", "b")))
        False
        """
        rules = ["nearest answered texts", "labels forwards and backwards, mean", TOP]
        shape = [DIGEST, rules, asdict(self), list(task.labels), task.instructions, task.language]
        return "llm-" + hashlib.sha256(json.dumps(shape, sort_keys=True).encode("utf-8")).hexdigest()[:12]


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """What one text brought: `p` (k,), or None and `why`; what it cost, and whether that was kept from before."""

    p: Floats | None
    why: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    kept: bool = False


def takes(task: Task) -> None:
    """InputError for a task that no language model is asked about."""
    if task.kind != "classify" or len(task.labels) > MOST_LABELS:
        raise InputError(
            f"language models: a task of one label out of at most {MOST_LABELS}; this one is {task.kind} with "
            f"{len(task.labels)}"
        )


class LanguageModel:
    """A model in the sense of `core.roles.Model`. `payer` names whose money it spends."""

    def __init__(self, chat: Chat, task: Task, recipe: Recipe, purse: Purse | None = None) -> None:
        takes(task)
        self.labels = task.labels
        self.version = recipe.version(task)
        self._chat, self._task, self._recipe = chat, task, recipe
        self.purse = purse or Purse()
        self._room = 32 + 2 * max(len(label.encode("utf-8")) for label in task.labels)
        self._leaves_out: frozenset[str] = frozenset()

    def predict(self, texts: Sequence[str]) -> Floats:
        """Class probabilities, (n, k), rows summing to one; AnswerlessError at the first text without an answer."""
        rows = np.empty((len(texts), len(self.labels)))
        for i, text in enumerate(texts):
            reply = self.ask(text)
            if reply.p is None:
                raise AnswerlessError(reply.why)
            rows[i] = reply.p
        return rows

    def ask(
        self, text: str, examples: Sequence[Example] = (), *, replies: Replies | None = None, payer: str = ""
    ) -> Reply:
        """What the model says of one text; a fault of this text alone is a reply without `p`.

        What `replies` hold is not asked again, and costs only its payer. SpentError at the end of the budget,
        AuthError or ForbiddenError when no text would get an answer.
        """
        known = replies.get(self.version, text, len(self.labels)) if replies else None
        if known is not None:
            cost = self.purse.price.of(known.tokens_in, known.tokens_out) if known.payer == payer else 0.0
            self.purse.pay(0.0, cost)
            return Reply(known.p, "", known.tokens_in, known.tokens_out, cost, kept=True)
        chats = [messages(self._task, text, examples, backwards=b) for b in (False, True)]
        # No tokenizer makes more tokens than bytes, but for the few that stand around each message.
        most = [sum(len(one["content"].encode("utf-8")) + 16 for one in chat) for chat in chats]
        held, used, p, why = self.purse.hold(sum(most), 2 * self._room), [0, 0], None, ""
        try:
            one, other = (self._once(chat, at_most, used) for chat, at_most in zip(chats, most, strict=True))
            p = np.asarray((one + other) / 2)
        except AnswerlessError as cause:
            why = str(cause)
        finally:
            cost = self.purse.price.of(used[0], used[1])
            self.purse.pay(held, cost)
        if p is not None and replies is not None:
            replies.put(self.version, text, Kept(p, used[0], used[1], payer))
        return Reply(p, why, used[0], used[1], cost)

    def _once(self, chat: list[dict[str, str]], most: int, used: list[int]) -> Floats:
        """Probabilities (k,) from one chat of at most so many tokens; what it took is added to `used` (in, out)."""
        found = self._accepted(chat)
        for i, tokens in enumerate(_usage(found, most, self._room)):
            used[i] += tokens
        return self._read(found)

    def _accepted(self, chat: list[dict[str, str]]) -> dict[str, Any]:
        """The answer, without what this server says that it does not know: likelihoods, or a bound form."""
        while True:
            left_out = self._leaves_out
            body: dict[str, Any] = {
                "model": self._recipe.model, "messages": chat, "temperature": 0, "seed": 0, "max_tokens": self._room,
            }  # fmt: skip
            if "logprobs" not in left_out:
                body |= {"logprobs": True, "top_logprobs": TOP}
            if "response_format" not in left_out:
                body["response_format"] = schema(self.labels)
            found = self._chat.chat(body)
            if "error" not in found:
                return found
            said = str(found["error"])[:2000].lower()
            unknown = {word for word, sign in _SIGNS if sign in said} - left_out
            if not unknown:
                raise AnswerlessError(f"{self._recipe.model} refuses: {_short(found['error'])}")
            self._leaves_out = left_out | unknown

    def _read(self, found: Mapping[str, Any]) -> Floats:
        try:
            choice = found["choices"][0]
            label = read_label(choice["message"]["content"], self.labels)
        except (KeyError, IndexError, TypeError):
            raise AnswerlessError(f"{self._recipe.model} answered without a choice") from None
        if label is None:
            raise AnswerlessError(f"{self._recipe.model} answered with none of the labels")
        at = self.labels.index(label)
        shares = label_shares(tokens_of(choice), self.labels)
        if shares is not None:
            return shares
        p = np.full(len(self.labels), (1 - self._recipe.confidence) / (len(self.labels) - 1))
        p[at] = self._recipe.confidence
        return p


_SIGNS = (("logprobs", "logprob"), ("response_format", "response_format"), ("response_format", "schema"))


def _usage(found: Mapping[str, Any], most: int, room: int) -> tuple[int, int]:
    """Tokens in and out; where the server tells none, as many as there can have been."""
    told = found.get("usage")
    read = [told.get(name) if isinstance(told, Mapping) else None for name in ("prompt_tokens", "completion_tokens")]
    tokens = [
        one if isinstance(one, int) and one >= 0 else bound for one, bound in zip(read, (most, room), strict=True)
    ]
    return tokens[0], tokens[1]


def _short(error: object) -> str:
    said = error.get("message", error) if isinstance(error, Mapping) else error
    return " ".join(str(said).split())[:200]


def price(words: str) -> Price:
    """A price from "0.15" or "0.15,0.60"; InputError for anything else.

    >>> price("0.15,0.60")
    Price(prompt=0.15, answer=0.6)
    """
    try:
        numbers = [float(word) for word in words.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise InputError(f"price: asked for {words[:40]!r}; give money for 1,000 tokens: one number, or prompt,answer")
    return Price(numbers[0], numbers[-1])
