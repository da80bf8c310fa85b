"""Who sits on the committee after an appeal has annulled its decision: other people, as far as the body has them."""

from dataclasses import dataclass

from registry.domain.workflow import Action

RETURNING = frozenset(
    {
        Action.RETURN_TO_IDENTITY,
        Action.RETURN_TO_PANEL,
        Action.RETURN_TO_REVIEW,
        Action.RETURN_TO_COMMITTEE,
    }
)
"""Verdicts that annul a decision and let the case be decided anew."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Who could decide anew without having decided before: seated or free, and whether a chair is among them."""

    others: int
    has_chair: bool

    def may_come_back(self, wanted: int) -> int:
        """Return how many of those who decided before may sit again where the policy wants `wanted` members."""
        return max(wanted - self.others, 0 if self.has_chair else 1, 0)
