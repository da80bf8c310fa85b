"""The form of a policy file, judged by its JSON Schema, in sentences that a policy author can act on."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from registry.policy_files.reading import Document, KeyPath, Problem

_FORMATS = FormatChecker(formats=("date",))
_TYPES = {
    "object": "a group of keys",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}


def schema_problems(document: Document, schema: Mapping[str, object]) -> tuple[Problem, ...]:
    """Return every place where the document does not have the form that the schema asks for."""
    validator = Draft202012Validator(dict(schema), format_checker=_FORMATS)
    errors = sorted(
        validator.iter_errors(document.data), key=lambda error: list(map(str, error.absolute_path))
    )
    return tuple(problem for error in errors for problem in _problems(document, error))


def _problems(document: Document, error: ValidationError) -> list[Problem]:
    path: KeyPath = tuple(error.absolute_path)
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        return [document.problem((*path, key), message) for key, message in _unknown_keys(error)]
    if error.validator == "dependentRequired":
        return [
            document.problem(
                path,
                "a measure has `metric`, `op` and `value`; `ratings`, `groups` and `criteria` go with them",
            )
        ]
    tell = _TELL.get(str(error.validator))
    return [document.problem(path, tell(error) if tell else error.message)]


def _unknown_keys(error: ValidationError) -> list[tuple[str, str]]:
    schema: Any = error.schema
    known = sorted(schema.get("properties", {}))
    patterns = schema.get("patternProperties", {})
    unknown = [key for key in _instance(error) if key not in known and not _fits(key, patterns)]
    if not known:
        return [(key, f"`{key}` cannot be a key here") for key in unknown]
    return [(key, f"unknown key `{key}`{_meant(key, known)}") for key in unknown]


def _wanted(error: ValidationError) -> Any:
    """Return what the schema asks for; untyped, because every keyword has its own kind of value."""
    return error.validator_value


def _instance(error: ValidationError) -> Any:
    return error.instance


def _fits(key: str, patterns: Mapping[str, object]) -> bool:
    return any(re.search(pattern, key) for pattern in patterns)


def _meant(word: object, known: Sequence[str]) -> str:
    close = get_close_matches(str(word), known, n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; known here: {', '.join(known)}"


def _required(error: ValidationError) -> str:
    # One error per missing key; jsonschema names the key only in its message.
    return f"missing key `{error.message.split(chr(39))[1]}`"


def _enum(error: ValidationError) -> str:
    return f"{_shown(error.instance)} is not possible here{_meant(error.instance, [str(v) for v in _wanted(error)])}"


def _const(error: ValidationError) -> str:
    wanted = _wanted(error)
    word = str(wanted).lower() if isinstance(wanted, bool) else wanted
    return f"this must be `{word}`, not {_shown(error.instance)}"


def _type(error: ValidationError) -> str:
    wanted = _wanted(error) if isinstance(_wanted(error), list) else [_wanted(error)]
    return f"this must be {' or '.join(_TYPES[name] for name in wanted)}, not {_shown(error.instance)}"


def _contains(error: ValidationError) -> str:
    wanted = _wanted(error)
    if "const" in wanted:
        return f"the list must contain `{wanted['const']}`"
    key, value = next(iter(wanted["properties"].items()))
    return f"the list must contain an entry with `{key}: {value['const']}`"


def _one_of(error: ValidationError) -> str:
    return "give exactly one of `all`, `any`, `not` or a measure (`metric`, `op`, `value`)"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, list):
        return "a list"
    word = str(value).lower() if isinstance(value, bool) else value
    return "nothing" if word is None else f"`{word}`"


_TELL: Mapping[str, Callable[[ValidationError], str]] = {
    "required": _required,
    "enum": _enum,
    "const": _const,
    "type": _type,
    "contains": _contains,
    "oneOf": _one_of,
    "anyOf": lambda e: f"{_shown(e.instance)} does not have the form asked for here",
    "pattern": lambda e: f"{_shown(e.instance)} does not have the form {_wanted(e)}",
    "format": lambda e: f"{_shown(e.instance)} is not a {_wanted(e)} (write dates as 2026-12-31)",
    "minimum": lambda e: f"{_shown(e.instance)} is too small; at least {_wanted(e)}",
    "maximum": lambda e: f"{_shown(e.instance)} is too large; at most {_wanted(e)}",
    "exclusiveMinimum": lambda e: f"{_shown(e.instance)} is too small; more than {_wanted(e)}",
    "minItems": lambda e: f"the list needs at least {_wanted(e)} entries",
    "maxItems": lambda e: f"the list may have at most {_wanted(e)} entries",
    "minLength": lambda e: "this text is too short",
    "uniqueItems": lambda e: "an entry of the list is repeated",
}
