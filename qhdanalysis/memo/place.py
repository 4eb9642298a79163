"""Files into their folder, all of them or none."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qhdanalysis.errors import SourceError

_STALE = 60.0  # seconds; renaming takes a few milliseconds, so an older lock is a dead build's


def put_in_place(work: Path, folder: Path, names: Sequence[str]) -> list[Path]:
    """Copy all files beside their places, then put them there, each at once.

    A build that is killed or meets a full disk leaves the old files whole; of two that finish at
    the same time, one follows the other.

    Raises
    ------
    SourceError
        If a file cannot be written or replaced.
    """
    beside = None
    try:
        beside = Path(tempfile.mkdtemp(prefix=".memo-", dir=folder))
        for name in names:
            shutil.copyfile(work / name, beside / name)
        with _alone(folder):
            for name in names:
                (beside / name).replace(folder / name)
    except OSError as error:
        raise SourceError(
            f"{error.filename2 or error.filename or folder}: cannot be written "
            f"({error.strerror}). Close it where it is open, or make room on the disk."
        ) from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
    return [folder / name for name in names]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other build puts files into this folder."""
    lock = folder / ".memo.lock"
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            try:
                if time.time() - lock.stat().st_mtime > _STALE:
                    lock.unlink(missing_ok=True)
            except FileNotFoundError:
                continue
            time.sleep(0.01)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
