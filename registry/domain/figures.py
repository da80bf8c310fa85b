"""Figures that the public reads: a count that could point at somebody is not shown."""

SUPPRESSED_BELOW = 10


def shown(count: int) -> int | None:
    """Return a count as it is published: None stands for fewer than `SUPPRESSED_BELOW`."""
    return count if count >= SUPPRESSED_BELOW else None
