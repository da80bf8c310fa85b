"""`registry completion`: what a shell needs to complete commands."""

import click
from click.shell_completion import BashComplete, get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL.

    For bash, add to ~/.bashrc: eval "$(registry completion bash)"
    """
    kind = get_completion_class(shell) or BashComplete
    click.echo(kind(ctx.find_root().command, {}, "registry", "_REGISTRY_COMPLETE").source())
