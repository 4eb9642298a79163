"""Where the files that come with the package lie, in a wheel and in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    """Give the copy inside the wheel, or the folder beside the package in a checkout."""
    packed = _PACKAGE / f"_{name}"
    return packed if packed.is_dir() else _PACKAGE.parent / name


ASSETS = _PACKAGE / "_assets"
DATA = _folder("data")
NOTEBOOKS = _folder("notebooks")
