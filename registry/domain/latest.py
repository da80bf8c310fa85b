"""The answers to the last calls, kept: formats ask the same of one issuer in turn."""

from collections.abc import Callable
from functools import wraps
from operator import is_
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
Answer = TypeVar("Answer")


def recent(calls: int) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """Keep the answers to the last calls of a pure function, for as long as it is asked with the very same objects.

    Arguments are compared by identity: whole issuers need not be hashed for it. Nobody changes an answer.
    """

    def keep(function: Callable[P, Answer]) -> Callable[P, Answer]:
        kept: tuple[tuple[tuple[Any, ...], Answer], ...] = ()

        @wraps(function)
        def ask(*arguments: Any) -> Answer:
            nonlocal kept
            for asked, answer in kept:
                if all(map(is_, asked, arguments)):
                    return answer
            answer = cast("Callable[..., Answer]", function)(*arguments)
            kept = ((arguments, answer), *kept[: calls - 1])
            return answer

        return cast("Callable[P, Answer]", ask)

    return keep


latest: Callable[[Callable[P, Answer]], Callable[P, Answer]] = recent(1)
"""Keep the answer to the last call."""
