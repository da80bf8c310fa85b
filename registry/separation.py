"""Separation of duties in the database: what no program and nobody at its console can write past.

Each rule is one trigger. The services refuse the same before, with a sentence; this is the wall behind them.
"""

# ruff: noqa: S608 - the words in the statements are constants

from dataclasses import dataclass

from registry.domain.roles import COMMITTEE, EXCLUSIVE, RATERS, CaseRole


@dataclass(frozen=True, slots=True)
class Separation:
    """A row is refused on `event` of `table` where `wrong` holds for `NEW`; the same SQL on both databases."""

    name: str
    table: str
    event: str
    wrong: str
    says: str


def _texts(words: object) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))  # type: ignore[call-overload]


_PAIRS = ", ".join(f"('{a}', '{b}'), ('{b}', '{a}')" for a, b in EXCLUSIVE)
_RATERS = _texts(role.value for role in RATERS)
_VOTERS = _texts(role.value for role in COMMITTEE | {CaseRole.APPEALS_MEMBER})

SEPARATIONS: tuple[Separation, ...] = (
    Separation(
        "exclusive_roles",
        "role_grant",
        "INSERT",
        "EXISTS (SELECT 1 FROM role_grant AS held WHERE held.account_id = NEW.account_id "
        "AND held.body_id = NEW.body_id AND held.revoked_at IS NULL "
        f"AND (NEW.role, held.role) IN (VALUES {_PAIRS}))",
        "one person holds no two roles that exclude each other",
    ),
    Separation(
        "role_confirmed_by_another",
        "role_grant",
        "UPDATE OF confirmed_by",
        "NEW.confirmed_by = NEW.account_id OR NEW.confirmed_by = NEW.granted_by",
        "another person confirms a role",
    ),
    Separation(
        "part_of_no_applicant",
        "assignment",
        "INSERT",
        "EXISTS (SELECT 1 FROM role_grant AS held JOIN application AS asked "
        "ON asked.institution_id = held.institution_id "
        "WHERE asked.id = NEW.application_id AND held.account_id = NEW.account_id)",
        "nobody of the applicant plays a part in its case",
    ),
    Separation(
        "rating_by_panel",
        "rating",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM assignment AS part WHERE part.application_id = NEW.application_id "
        "AND part.account_id = NEW.author AND part.ended_at IS NULL "
        f"AND (part.role IN ({_RATERS}) OR (NEW.layer <> 'alone' "
        "AND (part.role = 'panel_secretary' OR NEW.inherited_from IS NOT NULL))))",
        "only the panel of a case rates in it",
    ),
    Separation(
        "motion_by_committee",
        "motion",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM assignment AS part WHERE part.application_id = NEW.application_id "
        f"AND part.account_id = NEW.put_by AND part.ended_at IS NULL AND part.role IN ({_VOTERS}))",
        "only the committee or the appeals panel of a case puts a motion in it",
    ),
    Separation(
        "vote_by_committee",
        "vote",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM assignment AS part JOIN motion AS put "
        "ON put.application_id = part.application_id WHERE put.id = NEW.motion_id "
        f"AND part.account_id = NEW.account_id AND part.ended_at IS NULL AND part.role IN ({_VOTERS}))",
        "only the committee or the appeals panel of a case votes in it",
    ),
)
"""Every rule. That one person plays one part in one case, that two confirmations of an identity are by two people, and that
whoever proposes does not confirm, are keys and checks of the tables themselves."""


def separation_triggers(dialect: str) -> list[str]:
    """Return the statements that make the database refuse what breaks a rule."""
    make = _postgresql if dialect == "postgresql" else _sqlite
    return [statement for rule in SEPARATIONS for statement in make(rule)]


def drop_separation_triggers(dialect: str) -> list[str]:
    """Return the statements that take the triggers away again."""
    if dialect == "postgresql":
        return [
            statement
            for rule in SEPARATIONS
            for statement in (
                f"DROP TRIGGER {rule.name} ON {rule.table}",
                f"DROP FUNCTION refuse_{rule.name}()",
            )
        ]
    return [f"DROP TRIGGER {rule.name}" for rule in SEPARATIONS]


def _postgresql(rule: Separation) -> tuple[str, str]:
    return (
        f"CREATE FUNCTION refuse_{rule.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {rule.wrong} THEN RAISE EXCEPTION '{rule.says}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_{rule.name}()",
    )


def _sqlite(rule: Separation) -> tuple[str]:
    return (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} WHEN {rule.wrong} "
        f"BEGIN SELECT RAISE(ABORT, '{rule.says}'); END",
    )
