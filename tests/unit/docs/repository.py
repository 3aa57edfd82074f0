"""What the tests of docs and tidiness look at: the files of this repository."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("events", "workflows", "agents", "config", "nofumble", "bench")
TOP_PAGES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")
_SKIPPED = {"__pycache__", "node_modules"}


def pages() -> list[Path]:
    """Return every page of the documentation."""
    return sorted([ROOT / name for name in TOP_PAGES] + list((ROOT / "docs").rglob("*.md")))


def modules(*folders: str) -> list[Path]:
    """Return the Python files below folders."""
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if not _SKIPPED & set(path.parts)
    )


def shown(path: Path) -> str:
    """Return a path as people write it: from the top of the repository."""
    return path.relative_to(ROOT).as_posix()


def documentation() -> str:
    """Return the text of all pages."""
    return "\n".join(path.read_text(encoding="utf-8") for path in pages())


def snippets(page: Path, language: str) -> Iterator[str]:
    """Yield the fenced blocks of a language."""
    for match in re.finditer(
        rf"^```{language}[^\n]*\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        yield match.group(1)


def is_documented(word: str, text: str) -> bool:
    """Say whether a word stands in the docs as code: in backticks, or as the key of a line of YAML."""
    return (
        re.search(
            rf"`[^`\n]*(?<![\w.-]){re.escape(word)}(?![\w-])[^`\n]*`|^\s*(?:- )?{re.escape(word)}:", text, re.MULTILINE
        )
        is not None
    )
