"""The commands: where each lives and what it does in a line. Nothing here is loaded before it is used."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("cli.new:command", "Make a project: its labels, its promise."),
    "add": ("cli.add:command", "Read texts, answers already given, or a model's own answers."),
    "review": ("cli.review:command", "Answer in the terminal: one text, one key."),
    "again": ("cli.again:command", "Ask somebody else about texts that were answered."),
    "start": ("cli.start:command", "Open the workspace in the browser."),
    "learn": ("cli.learn:command", "Train on the answers so far."),
    "certify": ("cli.certify:command", "Earn a certificate: what the model may answer alone."),
    "decide": ("cli.decide:command", "Decide texts under the certificate."),
    "status": ("cli.status:command", "Where the project stands and what to do next."),
    "list": ("cli.listing:command", "The projects of a workspace."),
    "export": ("cli.export:command", "Write the decisions: who, when, by which route."),
    "simulate": ("cli.simulate:command", "Play whole projects with known answers."),
    "demo": ("cli.demo:command", "Play the whole loop on the two samples."),
    "invite": ("cli.people:invite", "Invite somebody to a project, by link."),
    "signin": ("cli.people:signin", "A new link that signs the owner in."),
    "accounts": ("cli.people:accounts", "Who has an account, and which roles."),
    "labels": ("cli.labels:command", "The labels: rename, merge, split, add."),
    "rename": ("cli.rename:command", "Give a project another name."),
    "forget": ("cli.forget:command", "Erase one item's or one person's data."),
    "delete": ("cli.delete:command", "Delete a project."),
    "member": ("cli.member:command", "Language models in a project: add, list, remove."),
    "opinions": ("cli.member:opinions", "Ask the language models about the open texts."),
    "models": ("cli.models:command", "Encoders and language models: list, pull, show, remove, serve."),
    "key": ("cli.key:command", "Where the key is, its fingerprint, how to rotate it."),
    "ledger": ("cli.ledger:command", "Verify the record; sign a checkpoint; write an anchor."),
    "backup": ("cli.backup:command", "Write a consistent copy of the workspace."),
    "restore": ("cli.restore:command", "Read a backup back and verify it."),
    "doctor": ("cli.doctor:command", "Check the machine and the workspace."),
}
