"""Rules as pure functions over frozen values; no Flask, no SQLAlchemy, no clock."""
