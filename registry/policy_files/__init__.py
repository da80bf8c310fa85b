"""Read policies from files, strictly, and name them by hash.

A policy is `<directory>/<id>/<version>.yaml`. An unknown, missing or repeated key is an error that names line, column and
key path; all problems of a file are reported at once. The SHA-256 of the exact bytes is kept with every case, so a
released file must never change: the lock file `RELEASED` beside the policies (one line `id version sha256` each) says
what was released, and `lock_problems` what was changed since.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from registry.domain.policy import Policy
from registry.errors import FieldError, InvalidInput
from registry.policy_files.build import build_policy
from registry.policy_files.form import schema_problems
from registry.policy_files.reading import Document, Problem, parse_strict
from registry.policy_files.references import reference_problems
from registry.resources import data_dir

LOCK_NAME = "RELEASED"
MAX_BYTES = 1024 * 1024
"""A policy file larger than this is refused before it is read."""


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy with the bytes it was read from; `sha256` is their hash, hex, 64 characters."""

    policy: Policy
    sha256: str
    source: bytes

    @property
    def key(self) -> tuple[str, str]:
        """Id and version."""
        return (self.policy.id, self.policy.version)


def sha256_of(source: bytes) -> str:
    """Return the name of a policy file by content: SHA-256, hex, 64 characters."""
    return hashlib.sha256(source).hexdigest()


def load_policy(origin: Path | str | bytes) -> LoadedPolicy:
    """Read one policy from a path or from its bytes.

    Raises:
        InvalidInput: the file cannot be read or is not a policy; `errors` names every problem, `field` is the key path.
    """
    if isinstance(origin, bytes):
        return _load(origin, "policy")
    path = Path(origin)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(f"{path} is larger than {MAX_BYTES} bytes; a policy file is not.")
        source = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}.") from error
    return _load(source, path.name)


def load_all(directory: Path) -> dict[tuple[str, str], LoadedPolicy]:
    """Read every policy under `directory`; keys are (id, version).

    Raises:
        InvalidInput: a file is not a policy or does not lie where its id and version say.
    """
    loaded: dict[tuple[str, str], LoadedPolicy] = {}
    for path in policy_paths(directory):
        policy = load_policy(path)
        problem = place_problem(path, policy.policy)
        if problem:
            raise InvalidInput(f"{path}: {problem}", [FieldError("policy.id", problem)])
        loaded[policy.key] = policy
    return loaded


def available(extra_directory: Path | None = None) -> dict[tuple[str, str], LoadedPolicy]:
    """Return the policies of the package and those the operator added.

    Raises:
        InvalidInput: a file is not a policy, or an added one has the id and version of another with different content.
    """
    loaded = dict(load_all(data_dir("policies")))
    for key, policy in (load_all(extra_directory) if extra_directory else {}).items():
        if key in loaded and loaded[key].sha256 != policy.sha256:
            raise InvalidInput(
                f"{key[0]} {key[1]} exists with other content; give the new file a new version."
            )
        loaded[key] = policy
    return loaded


def policy_paths(directory: Path) -> tuple[Path, ...]:
    """Return the policy files under `directory`, sorted: one folder per policy, one file per version."""
    return tuple(sorted(directory.glob("*/*.yaml")))


def place_problem(path: Path, policy: Policy) -> str | None:
    """Return what is wrong with where a policy file lies, or None."""
    if (path.parent.name, path.stem) == (policy.id, policy.version):
        return None
    return f"a file of {policy.id} {policy.version} belongs at {policy.id}/{policy.version}.yaml"


def read_lock(directory: Path) -> dict[tuple[str, str], str]:
    """Return the released versions of a directory: (id, version) to sha256; empty without a lock file.

    Raises:
        InvalidInput: a line is not `id version sha256`, or names a version twice.
    """
    path = directory / LOCK_NAME
    if not path.is_file():
        return {}
    released: dict[tuple[str, str], str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LOCK_LINE.fullmatch(line.strip())
        if match is None:
            raise InvalidInput(f"{path}, line {number}: write `id version sha256`, separated by one space.")
        key = (match["id"], match["version"])
        if key in released:
            raise InvalidInput(f"{path}, line {number}: {key[0]} {key[1]} is released once only.")
        released[key] = match["sha256"]
    return released


def lock_line(policy: LoadedPolicy) -> str:
    """Return the line of the lock file for a policy, without line end."""
    return f"{policy.policy.id} {policy.policy.version} {policy.sha256}"


def lock_problems(
    released: Mapping[tuple[str, str], str], loaded: Mapping[tuple[str, str], LoadedPolicy]
) -> tuple[tuple[tuple[str, str], str], ...]:
    """Return ((id, version), problem) for every file that differs from what was released."""
    problems: list[tuple[tuple[str, str], str]] = []
    for key, policy in loaded.items():
        expected = released.get(key)
        if expected is None and policy.policy.identity.status == "adopted":
            problems.append((key, f"is adopted but not in {LOCK_NAME}; add the line: {lock_line(policy)}"))
        elif expected is not None and expected != policy.sha256:
            problems.append(
                (key, "was released and has changed since; undo the change and make a new version")
            )
    gone = [key for key in released if key not in loaded]
    problems += [
        (key, "was released and its file is gone; a released version stays for ever") for key in gone
    ]
    return tuple(problems)


def problems_of(source: bytes) -> tuple[Document | None, tuple[Problem, ...]]:
    """Return the parsed file and every problem of form and reference; no document when it is not even YAML."""
    document, problems = parse_strict(source)
    if document is None:
        return None, problems
    return document, (*problems, *schema_problems(document, schema()), *reference_problems(document))


@cache
def schema() -> Mapping[str, object]:
    """Return the JSON Schema of policy files."""
    document, problems = parse_strict((data_dir("policies") / "policy.schema.yaml").read_bytes())
    if document is None or problems or not isinstance(document.data, dict):
        raise InvalidInput(f"policy.schema.yaml is damaged: {problems}")
    return document.data


@lru_cache(maxsize=64)
def _load(source: bytes, name: str) -> LoadedPolicy:
    """Load from bytes; cached, because the value is immutable and reading is the slow part."""
    document, problems = problems_of(source)
    if document is None or problems:
        raise InvalidInput(_summary(name, problems), _field_errors(problems))
    return LoadedPolicy(build_policy(document.data), sha256_of(source), source)


def _summary(name: str, problems: Sequence[Problem]) -> str:
    lines = [f"{name} is not a policy: {len(problems)} problem{'' if len(problems) == 1 else 's'}."]
    return "\n".join([*lines, *(f"  {problem.text()}" for problem in problems)])


def _field_errors(problems: Iterable[Problem]) -> tuple[FieldError, ...]:
    return tuple(FieldError(problem.key, problem.located()) for problem in problems)


_LOCK_LINE = re.compile(
    r"(?P<id>[a-z0-9][a-z0-9-]{2,63}) (?P<version>\d+\.\d+\.\d+) (?P<sha256>[0-9a-f]{64})"
)
