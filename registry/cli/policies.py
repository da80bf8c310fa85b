"""`registry policies …`: check, list and show policy files."""

import json
import os
from pathlib import Path
from typing import Any

import click

from registry.cli import policy_drafts
from registry.domain.policy import Policy
from registry.errors import InvalidInput
from registry.policy_files import LoadedPolicy, available, load_policy, lock_line
from registry.policy_files.checking import FileReport, check_paths
from registry.resources import data_dir

_LANGUAGE = click.option(
    "--lang", type=click.Choice(["en", "pl"]), default="en", help="Language of titles and texts."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def policies() -> None:
    """Review policies: check them, list them, show one, compare two, bring drafts in and out."""


@policies.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@_JSON
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check policy files or directories; without PATHS all policies of this registry.

    Form, references, the policy's own tests, and that no released version has changed. Exit code 1 on any problem.
    """
    reports = check_paths(paths or _directories())
    if as_json:
        click.echo(json.dumps(_as_json(reports), ensure_ascii=False, indent=2))
    else:
        for report in reports:
            _print_report(report)
    if any(report.problems for report in reports):
        raise click.exceptions.Exit(1)


@policies.command("list")
@_LANGUAGE
@_JSON
def list_policies(lang: str, as_json: bool) -> None:
    """List the policies of this registry, the newest version of each last."""
    found = sorted(_available().values(), key=lambda loaded: (loaded.policy.id, _version(loaded.policy)))
    if as_json:
        click.echo(json.dumps([_row(loaded, lang) for loaded in found], ensure_ascii=False, indent=2))
        return
    for loaded in found:
        policy = loaded.policy
        click.echo(
            f"{policy.id} {policy.version}  {policy.identity.status}  from {policy.identity.effective_from}"
        )
        click.echo(f"  {policy.title[lang]}")


@policies.command()
@click.argument("policy_id")
@click.option("--version", help="Version; the newest if left out.")
@_LANGUAGE
def show(policy_id: str, version: str | None, lang: str) -> None:
    """Show one policy for reading: criteria, evidence and rules."""
    versions = [found for found in _available().values() if found.policy.id == policy_id]
    chosen = [found for found in versions if version in (None, found.policy.version)]
    if not chosen:
        raise click.ClickException(
            f"There is no policy {policy_id} {version or ''}".strip() + "; see `registry policies list`."
        )
    _print_policy(max(chosen, key=lambda found: _version(found.policy)), lang)


@policies.command("hash")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def hash_file(file: Path) -> None:
    """Print the line of the lock file for a policy: id, version, SHA-256 of the exact bytes."""
    try:
        click.echo(lock_line(load_policy(file)))
    except InvalidInput as error:
        raise click.ClickException(str(error)) from error


policies.add_command(policy_drafts.compare)
policies.add_command(policy_drafts.draft)


def _available() -> dict[tuple[str, str], LoadedPolicy]:
    try:
        return available(_extra_directory())
    except InvalidInput as error:
        raise click.ClickException(str(error)) from error


def _directories() -> tuple[Path, ...]:
    extra = _extra_directory()
    return (data_dir("policies"), extra) if extra else (data_dir("policies"),)


def _extra_directory() -> Path | None:
    configured = os.environ.get("REGISTRY_POLICIES")
    if not configured:
        return None
    if not Path(configured).is_dir():
        raise click.ClickException(f"REGISTRY_POLICIES names {configured}, which is no directory.")
    return Path(configured)


def _version(policy: Policy) -> tuple[int, ...]:
    return tuple(map(int, policy.version.split(".")))


def _row(loaded: LoadedPolicy, lang: str) -> dict[str, Any]:
    identity = loaded.policy.identity
    return {
        "id": identity.id,
        "version": identity.version,
        "status": identity.status,
        "effective_from": identity.effective_from.isoformat(),
        "title": identity.title[lang],
        "sha256": loaded.sha256,
    }


def _as_json(reports: tuple[FileReport, ...]) -> dict[str, Any]:
    return {
        "policies": [
            {
                "path": str(report.path),
                "id": report.policy.policy.id if report.policy else None,
                "version": report.policy.policy.version if report.policy else None,
                "sha256": report.policy.sha256 if report.policy else None,
                "tests": report.tests,
                "problems": [
                    {"key": p.key, "line": p.line, "column": p.column, "message": p.message}
                    for p in report.problems
                ],
            }
            for report in reports
        ],
        "problems": sum(len(report.problems) for report in reports),
    }


def _print_report(report: FileReport) -> None:
    name = f"{report.policy.policy.id} {report.policy.policy.version}" if report.policy else str(report.path)
    count = len(report.problems)
    verdict = "ok" if not count else f"{count} problem{'' if count == 1 else 's'}"
    tests = f", {report.tests} tests" if report.policy else ""
    click.echo(f"{name}: {verdict}{tests}")
    for problem in report.problems:
        click.echo(f"  {report.path}: {problem.text()}")


def _print_policy(loaded: LoadedPolicy, lang: str) -> None:
    policy = loaded.policy
    click.echo(
        f"{policy.title[lang]}\n{policy.id} {policy.version} ({policy.identity.status})\nsha256 {loaded.sha256}\n"
    )
    click.echo(f"{policy.identity.summary[lang]}\n\n{policy.identity.disclaimer[lang]}")
    for group in policy.criteria_groups:
        click.echo(f"\n{group.title[lang]}")
        for criterion in policy.criteria_in(group.id):
            click.echo(f"  {criterion.id}  {criterion.title[lang]}\n      {criterion.requirement[lang]}")
            for evidence in criterion.evidence:
                click.echo(f"      {'*' if evidence.required else '-'} {evidence.id}: {evidence.title[lang]}")
    click.echo("")
    for rule in policy.decision.rules:
        outcome = policy.decision.outcome(rule.outcome)
        click.echo(f"{rule.id}  {outcome.label[lang] if outcome else rule.outcome}: {rule.because[lang]}")
