"""An instant as an option of a command."""

from datetime import UTC, datetime

import click


class Instant(click.ParamType[datetime]):
    """ISO 8601; without a time zone it is UTC."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant, or end with wrong usage."""
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no instant; write for example 2026-09-01T09:00:00Z", param, ctx)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
