"""`registry policies diff` and `registry policies draft …`: compare versions; files into drafts, drafts into files."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from registry.cli import json_option, print_json
from registry.cli.edge import now, settings, transaction
from registry.domain.policy_diff import Change, Kind, diff
from registry.domain.policy_diff_wire import diff_to_wire, value_to_wire
from registry.domain.trust_list import Text
from registry.errors import InvalidInput, NotFound
from registry.models.policy_draft import PolicyDraft
from registry.policy_files import LoadedPolicy, available, load_policy
from registry.services import accounts, bodies, installation, policy_drafts

LANGUAGE = click.option(
    "--lang", type=click.Choice(["en", "pl"]), default="en", help="Language of the texts."
)


@click.command("diff")
@click.argument("old")
@click.argument("new")
@LANGUAGE
@json_option
def compare(*, old: str, new: str, lang: str, as_json: bool) -> None:
    """Compare two policy versions: each is a FILE, or ID@VERSION of this registry."""
    first, second = (_policy(name) for name in (old, new))
    found = diff(first.policy, second.policy)
    if as_json:
        print_json(diff_to_wire(found))
        return
    for change in found.changes:
        click.echo(
            f"{change.kind.value:8} {change.way.value:9} {'.'.join(change.path)}{_shown(change, lang)}"
        )
    click.echo(f"{len(found.changes)} change{'' if len(found.changes) == 1 else 's'}.")


def _policy(name: str) -> LoadedPolicy:
    if "@" in name and not Path(name).exists():
        policy_id, _, version = name.partition("@")
        loaded = available(settings().policies).get((policy_id, version))
        if loaded is None:
            raise NotFound(f"There is no policy {policy_id} {version}; see `registry policies list`.")
        return loaded
    return load_policy(Path(name))


def _shown(change: Change, lang: str) -> str:
    if change.kind is not Kind.CHANGED:
        return ""
    return f": {_word(change.old, lang)} -> {_word(change.new, lang)}"


def _word(value: Any, lang: str) -> str:
    if isinstance(value, Text):
        return value[lang]
    return "nothing" if value is None else str(value_to_wire(value))


@click.group()
def draft() -> None:
    """Drafts of policy versions: list them, bring a file in, write one out."""
    installation.require_ready(settings())


@draft.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the drafts of every body."""
    with transaction() as session:
        found: Sequence[PolicyDraft] = session.scalars(
            select(PolicyDraft).order_by(PolicyDraft.created_at)
        ).all()
        rows = [_row(one) for one in found]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['body']}  {row['policy']} {row['version']}  {row['state']}")


@draft.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--body", required=True, help="Slug of the body.")
@click.option("--as", "email", required=True, help="E-mail address of the policy editor who saves it.")
@json_option
def import_(*, file: Path, body: str, email: str, as_json: bool) -> None:
    """Bring FILE in as a draft, or as the next text of the draft of its version; errors in it are told, not refused."""
    source, at = file.read_bytes(), now()
    with transaction() as session:
        editor = accounts.account_by_email(session, email).id
        found = bodies.body_by_slug(session, body)
        known = policy_drafts.draft_of(session, found.id, source)
        if known is None:
            made = policy_drafts.begin_with(session, found.id, source, actor=editor, at=at)
        else:
            made = policy_drafts.save(session, known.id, source, version=known.version, actor=editor, at=at)
        row, problems = _row(made), policy_drafts.report(session, made).problems
    if as_json:
        print_json({**row, "problems": [problem.text() for problem in problems]})
        return
    click.echo(f"Draft {row['id']}: {row['policy']} {row['version']}, sha256 {row['sha256']}.")
    for problem in problems:
        click.echo(f"  {file}: {problem.text()}")


@draft.command()
@click.argument("draft_id", type=click.UUID)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(*, draft_id: uuid.UUID, file: Path) -> None:
    """Write the text of the draft DRAFT_ID to FILE, byte for byte."""
    with transaction() as session:
        found = session.get(PolicyDraft, draft_id)
        if found is None:
            raise NotFound(f"There is no draft {draft_id}; see `registry policies draft list`.")
        source = found.source
    try:
        file.write_bytes(source)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror or error}.") from error
    click.echo(f"Wrote {file}.")


def _row(one: PolicyDraft) -> dict[str, str]:
    return {
        "id": str(one.id),
        "body": one.body.slug,
        "policy": one.policy_id,
        "version": one.policy_version,
        "state": one.state.value,
        "sha256": one.sha256,
    }
