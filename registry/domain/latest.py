"""The answers to the last calls, kept: formats ask the same of one issuer in turn."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from itertools import islice
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
Answer = TypeVar("Answer")


def recent(calls: int) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """Keep the answers to the last calls of a pure function, for as long as it is asked with the very same objects.

    Arguments are compared by identity: whole issuers need not be hashed for it. Nobody changes an answer.
    """

    def keep(function: Callable[P, Answer]) -> Callable[P, Answer]:
        answer_to = cast("Callable[..., Answer]", function)
        # By the ids of the arguments, which are kept too, so that no other object can take their ids.
        kept: dict[object, tuple[Answer, tuple[Any, ...]]] = {}

        def find(asked: object, arguments: tuple[Any, ...]) -> tuple[Answer, tuple[Any, ...]]:
            nonlocal kept
            found = answer_to(*arguments), arguments
            others = islice(kept.items(), calls - 1) if calls > 1 else ()
            # Put in the place of the old ones as a whole: threads ask at the same time.
            kept = {asked: found, **dict(others)}
            return found

        @wraps(function)
        def ask(*arguments: Any) -> Answer:
            asked = tuple(map(id, arguments))
            return (kept.get(asked) or find(asked, arguments))[0]

        @wraps(function)
        def ask_of_one(argument: Any) -> Answer:
            return (kept.get(id(argument)) or find(id(argument), (argument,)))[0]

        # Half of all calls are of one argument, and nothing else is done as often.
        return cast("Callable[P, Answer]", ask_of_one if len(signature(function).parameters) == 1 else ask)

    return keep


latest: Callable[[Callable[P, Answer]], Callable[P, Answer]] = recent(1)
"""Keep the answer to the last call."""
