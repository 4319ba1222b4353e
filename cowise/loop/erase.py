"""Forgetting one item or one person: data and salts go, the ledger stays whole and says that something was erased."""

from __future__ import annotations

from collections.abc import Sequence

from cowise.core.registry import load
from cowise.loop import records
from cowise.loop.board import reserved
from cowise.loop.callers import named
from cowise.loop.kinds import Forgotten
from cowise.loop.look import find
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, erase, items, members, opinions, projects, versions
from cowise.store.members import Member
from cowise.store.projects import Project


def forget_item(ws: Workspace, name: str, item: str) -> Forgotten:
    """Erase one item, named by its id or its text: text, metadata, answers, decision and vectors.

    Models that learned from its answers are named; they hold vectors of what they learned, so fit and release anew
    where that matters. Backups made before still hold it. MissingError when there is none.
    """

    def work(tx: Tx) -> tuple[Project, str, int, bool]:
        project = projects.get(tx, name)
        ordinal = find(tx, project, item)
        named = records.hashes_of(tx, project.id, [ordinal])[ordinal]
        trained = items.at(tx, project.id, [ordinal])[ordinal].label is not None or _trained(tx, project, ordinal)
        if reserved(ws, project, [items.at(tx, project.id, [ordinal])[ordinal].id])[0]:
            kept = [*project.settings.get("erased_reserved", []), ordinal]
            records.change(tx, project.id, erased_reserved=kept)  # it stays in the sample that it was drawn for
        gone = erase.item(tx, project.id, ordinal)
        pending = [*project.settings.get("forgetting", []), gone.content]
        records.change(tx, project.id, forgetting=pending)  # until its files are gone too, however this ends
        records.append(tx, project, "erased", {"what": "item", "item": named, "opinions": gone.num_opinions})
        return project, gone.content, gone.num_opinions, trained

    project, content, num, trained = ws.store.write(work)
    dropped = finish(ws, project, [content])
    load("loop.uploads:tidy")(ws, imported=True)  # the file that it came in
    forget_memory(ws, project)
    touched = _versions(ws, project) if trained else ()
    return Forgotten("item", num, dropped, touched)


def finish(ws: Workspace, project: Project, contents: Sequence[str]) -> int:
    """Drop what lies in files of erased texts, and that it was to be done; how many vectors went. Killed, the next call does it."""
    shared = {one for one in contents if _elsewhere(ws, project, one)}
    dropped = ws.store.vectors.forget([one for one in contents if one not in shared])
    replies = load("loop.llm_seats:replies")(ws, project.id)
    for one in contents:
        replies.forget(one)

    def done(tx: Tx) -> None:
        left = [one for one in projects.by_id(tx, project.id).settings.get("forgetting", []) if one not in contents]
        records.change(tx, project.id, forgetting=left)

    ws.store.write(done)
    return dropped


def unfinished(ws: Workspace) -> None:
    """Finish what a kill cut short, in every project."""
    with ws.store.read() as tx:
        found = [one for one in projects.all_of(tx) if one.settings.get("forgetting")]
    for one in found:
        finish(ws, one, one.settings["forgetting"])


def _trained(tx: Tx, project: Project, ordinal: int) -> bool:
    return any(row.used_for == "train" for row in opinions.of_item(tx, project.id, ordinal))


def _elsewhere(ws: Workspace, project: Project, content: str) -> bool:
    """Whether another project holds the same text: its vector stays."""
    with ws.store.read() as tx:
        others = [p.id for p in projects.all_of(tx) if p.id != project.id]
        return any(items.ordinals(tx, p, [content]) for p in others)


def _versions(ws: Workspace, project: Project) -> tuple[str, ...]:
    with ws.store.read() as tx:
        return tuple(v.id for v in versions.history(tx, project.id) if v.folder)


def forget_memory(ws: Workspace, project: Project) -> None:
    """Drop what this process keeps of a project."""
    for key in [key for key in ws.memory if f" {project.id}" in f"{key} "]:
        del ws.memory[key]


def forget_person(ws: Workspace, name: str, person: str) -> Forgotten:
    """Erase one person's name and the content of every answer; decisions that rest on them stay the team's.

    An account that answers as this person goes with all that signs it in, and its name in other projects too; what it
    answered there stays, without a name. MissingError when there is no such member, ConflictError for the last owner.
    """

    def work(tx: Tx) -> tuple[Project, int]:
        project = projects.get(tx, name)
        seat, account = _who(tx, project, person)
        num = 0 if seat is None else _erase_seat(tx, project, seat)
        if account is not None:
            who = accounts.get(tx, account)
            accounts.erase(tx, account)
            records.append(tx, 0, "erased", {"what": "account", "account": named(who)})
        return project, num

    project, num = ws.store.write(work)
    forget_memory(ws, project)
    return Forgotten("person", num, 0)


def _who(tx: Tx, project: Project, person: str) -> tuple[Member | None, int | None]:
    """The member of that name and the account behind it; else the account of that name, and its member if it has one."""
    if person in {each.name for each in members.roster(tx, project.id)}:
        found = members.get(tx, project.id, person)
        return found, accounts.holder(tx, found.id)
    account = accounts.by_name(tx, person)
    seat = None if account is None else accounts.seat(tx, account.id, project.id)
    if seat is None:
        return members.get(tx, project.id, person), None
    return None if seat.member is None else members.by_id(tx, seat.member), seat.account


def _erase_seat(tx: Tx, project: Project, seat: Member) -> int:
    gone = erase.person(tx, project.id, seat.id)
    entry = {"what": "person", "member": records.person(seat), "opinions": gone.num_opinions}
    records.append(tx, project, "erased", entry)
    return gone.num_opinions
