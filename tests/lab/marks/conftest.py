"""Icons that the tests draw themselves, and a machine without fonts: Pillow's own one remains."""

from pathlib import Path

import pytest

from unveil.lab.marks import atlas, fonts

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" stroke="currentColor" '
    'stroke-width="2" fill="none"><circle cx="12" cy="12" r="{r}"/><path d="M4 12H20"/></svg>'
)


@pytest.fixture(autouse=True)
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder of fonts is looked at."""
    monkeypatch.setattr(atlas, "FOLDERS", ())


@pytest.fixture(scope="session")
def icons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty icons in a folder; not to be changed."""
    folder = tmp_path_factory.mktemp("icons")
    for i in range(80):
        (folder / f"thing-{i}.svg").write_text(SVG.format(r=3 + i % 8), encoding="utf-8")
    return folder


@pytest.fixture
def book() -> fonts.FontBook:
    """What a machine without fonts has."""
    return fonts.FontBook.scan(())
