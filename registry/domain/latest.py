"""The answers to the last calls, kept: formats ask the same of one issuer in turn."""

from collections.abc import Callable
from functools import wraps
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
        kept: dict[tuple[int, ...], tuple[Answer, tuple[Any, ...]]] = {}

        @wraps(function)
        def ask(*arguments: Any) -> Answer:
            nonlocal kept
            asked = tuple(map(id, arguments))
            found = kept.get(asked)
            if found is None:
                found = answer_to(*arguments), arguments
                # Put in the place of the old ones as a whole: threads ask at the same time.
                kept = (
                    {asked: found} if calls == 1 else {asked: found, **dict(islice(kept.items(), calls - 1))}
                )
            return found[0]

        return cast("Callable[P, Answer]", ask)

    return keep


latest: Callable[[Callable[P, Answer]], Callable[P, Answer]] = recent(1)
"""Keep the answer to the last call."""
