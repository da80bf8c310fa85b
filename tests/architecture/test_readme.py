"""The README tells the truth: its commands and settings exist, and every command explains itself."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from registry.cli import main
from registry.config import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL))
REGISTRY_COMMANDS = sorted(set(re.findall(r"\.venv/bin/registry ([^\n)]+)", SHELL)))
MAKE_TARGETS = sorted(set(re.findall(r"(?:^|`)make (\w+)", README, flags=re.MULTILINE)))


def _resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that the first words name, and the words left for it."""
    command: click.Command = main
    context = click.Context(main)
    for position, word in enumerate(words):
        if not isinstance(command, click.Group):
            return command, words[position:]
        found = command.get_command(context, word)
        assert found is not None, f"no command {word!r} in `registry {' '.join(words)}`"
        command = found
    return command, []


@pytest.mark.parametrize("line", REGISTRY_COMMANDS)
def test_each_command_of_the_readme_exists_with_its_options(line: str) -> None:
    command, rest = _resolve(shlex.split(line, comments=True))
    known = {option for parameter in command.params for option in parameter.opts}
    given = {word for word in rest if word.startswith("--")}
    assert given <= known
    needed = [option for option in command.params if option.required and isinstance(option, click.Option)]
    assert all(given & set(option.opts) for option in needed)
    arguments = [part for part in command.params if part.required and isinstance(part, click.Argument)]
    assert len(arguments) <= len([word for word in rest if not word.startswith("-")])


@pytest.mark.parametrize("target", MAKE_TARGETS)
def test_each_make_target_of_the_readme_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def test_the_readme_shows_a_check_of_a_list() -> None:
    assert any(line.startswith("verify") and "--trust" in line for line in REGISTRY_COMMANDS)
    assert "curl" in SHELL
    assert {"run", "test"} <= set(MAKE_TARGETS)


def test_the_table_of_settings_is_complete() -> None:
    named = set(re.findall(r"^\| `(REGISTRY_\w+)`", README, flags=re.MULTILINE))
    assert named == {f"REGISTRY_{name.upper()}" for name in Settings.__dataclass_fields__}


def test_links_in_the_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        (document.name, target)
        for document in documents
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            yield from _commands(found, f"{path} {name}")


def test_every_command_and_option_explains_itself() -> None:
    commands = dict(_commands(main, "registry"))
    silent = [path for path, command in commands.items() if not command.get_short_help_str()]
    silent += [
        f"{path} {parameter.opts[0]}"
        for path, command in commands.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert silent == []
