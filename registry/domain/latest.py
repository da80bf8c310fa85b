"""The answer to the last call, kept: formats ask the same of one issuer in turn."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
Answer = TypeVar("Answer")


def latest(function: Callable[P, Answer]) -> Callable[P, Answer]:
    """Keep the answer to the last call of a pure function, for as long as it is asked with the very same objects.

    Arguments are compared by identity: whole issuers need not be hashed for it. Nobody changes an answer.
    """
    kept: tuple[tuple[Any, ...], Answer] | None = None

    @wraps(function)
    def ask(*arguments: Any) -> Answer:
        nonlocal kept
        found = kept
        if found is not None and all(a is b for a, b in zip(found[0], arguments, strict=True)):
            return found[1]
        answer = cast("Callable[..., Answer]", function)(*arguments)
        kept = (arguments, answer)
        return answer

    return cast("Callable[P, Answer]", ask)
