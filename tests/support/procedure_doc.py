"""Write the tables of `docs/procedure.md` anew: `python -m support.procedure_doc` from the folder of the tests."""

import re
from pathlib import Path

from registry.domain.policy import Policy
from registry.policy_files import available
from registry.web import procedure

DOC = Path(__file__).parents[2] / "docs" / "procedure.md"


def drawn(text: str) -> str:
    """Return the document with every block between its marks drawn from the tables."""
    policies = newest_policies()
    for language in ("en", "pl"):
        text = _put(text, f"diagram {language}", f"```mermaid\n{procedure.mermaid(language)}\n```")
        text = _put(text, f"steps {language}", procedure.markdown(language, policies))
    return text


def newest_policies() -> list[Policy]:
    """Return the newest version of every policy, by id."""
    return list({key[0]: loaded.policy for key, loaded in sorted(available(None).items())}.values())


def _put(text: str, name: str, block: str) -> str:
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the document has no block {name}")
    return pattern.sub(lambda found: f"{found[1]}{block}\n{found[2]}", text)


if __name__ == "__main__":
    DOC.write_text(drawn(DOC.read_text()))
