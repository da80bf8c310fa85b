"""Check policy files as a whole: form, references, their own tests, their place, and what was released."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from registry.domain.policy_vectors import run_vectors
from registry.errors import InvalidInput
from registry.policy_files import (
    LOCK_NAME,
    LoadedPolicy,
    load_policy,
    lock_problems,
    place_problem,
    policy_paths,
    problems_of,
    read_lock,
)
from registry.policy_files.reading import Problem


@dataclass(frozen=True, slots=True)
class FileReport:
    """What checking one file found; `policy` is None when it could not be read, `tests` counts the tests run."""

    path: Path
    policy: LoadedPolicy | None
    tests: int
    problems: tuple[Problem, ...]

    def with_problem(self, message: str) -> "FileReport":
        """Return the report with one more problem of the file as a whole."""
        return replace(self, problems=(*self.problems, Problem((), 0, 0, message)))


def check_paths(paths: Iterable[Path]) -> tuple[FileReport, ...]:
    """Check files, and all policies of directories together with the lock file that lies there."""
    return tuple(report for path in paths for report in _check_path(path))


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What checking the bytes of a file found; `policy` is None when they are no policy, `tests` counts the tests run."""

    policy: LoadedPolicy | None
    tests: int
    problems: tuple[Problem, ...]


def check_source(source: bytes) -> SourceReport:
    """Check the bytes of a file: form, references, and the tests that travel with the policy."""
    document, problems = problems_of(source)
    if document is None or problems:
        return SourceReport(None, 0, problems)
    loaded = load_policy(source)
    results = run_vectors(loaded.policy)
    failed = tuple(
        document.problem(_test_path(loaded, result.name), f"test `{result.name}`: {result.problem}")
        for result in results
        if result.problem
    )
    return SourceReport(loaded, len(results), failed)


def check_file(path: Path) -> FileReport:
    """Check one file by itself."""
    try:
        source = path.read_bytes()
    except OSError as error:
        return FileReport(path, None, 0, (Problem((), 0, 0, f"cannot be read: {error.strerror or error}"),))
    found = check_source(source)
    return FileReport(path, found.policy, found.tests, found.problems)


def _check_path(path: Path) -> tuple[FileReport, ...]:
    if path.is_dir():
        return _check_directory(path)
    report = check_file(path)
    directory = path.resolve().parent.parent
    if report.policy is None or not (directory / LOCK_NAME).is_file():
        return (report,)
    return tuple(r for r in _with_lock(directory, (report,)) if r.path == path)


def _check_directory(directory: Path) -> tuple[FileReport, ...]:
    reports = tuple(check_file(path) for path in policy_paths(directory))
    if not reports and not (directory / LOCK_NAME).is_file():
        return (
            FileReport(directory, None, 0, (Problem((), 0, 0, "holds no policies (<id>/<version>.yaml)"),)),
        )
    placed = [(r, place_problem(r.path, r.policy.policy) if r.policy else None) for r in reports]
    return _with_lock(directory, tuple(r.with_problem(problem) if problem else r for r, problem in placed))


def _with_lock(directory: Path, reports: tuple[FileReport, ...]) -> tuple[FileReport, ...]:
    """Add to each report what the lock says; released versions without a file get a report of their own."""
    lock = directory / LOCK_NAME
    try:
        released = read_lock(directory)
    except InvalidInput as error:
        return (*reports, FileReport(lock, None, 0, (Problem((), 0, 0, str(error)),)))
    loaded = {r.policy.key: r.policy for r in reports if r.policy}
    unreadable = {(r.path.parent.name, r.path.stem) for r in reports if not r.policy}
    for key, message in lock_problems(released, loaded):
        if key in unreadable:
            continue
        at = next((i for i, r in enumerate(reports) if r.policy and r.policy.key == key), None)
        if at is None:
            path = directory / key[0] / f"{key[1]}.yaml"
            reports = (*reports, FileReport(path, None, 0, (Problem((), 0, 0, message),)))
        else:
            reports = (*reports[:at], reports[at].with_problem(message), *reports[at + 1 :])
    return reports


def _test_path(loaded: LoadedPolicy, name: str) -> tuple[str | int, ...]:
    policy = loaded.policy
    names = [(("tests", index), test.name) for index, test in enumerate(policy.tests)]
    names += [(("rating_tests", index), test.name) for index, test in enumerate(policy.rating_tests)]
    return next(path for path, found in names if found == name)
