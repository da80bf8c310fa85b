"""Where a person may be sent after signing in: this site and nowhere else."""

import pytest

from registry.http.addresses import local_target


@pytest.mark.parametrize("target", ["/", "/en/account", "/pl/issuers?q=a%20b&page=2", "/en/check#key"])
def test_a_path_on_this_site_is_followed(target: str) -> None:
    assert local_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "en/account",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "/en\r\nSet-Cookie: a=b",
        "http:///evil.example",
        "/" + "a" * 2000,
    ],
)
def test_whatever_a_browser_may_read_as_another_site_is_not(target: str | None) -> None:
    assert local_target(target) is None
