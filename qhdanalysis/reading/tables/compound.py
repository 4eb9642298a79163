"""Whether a compound file (.xls) is one that can be followed: no circle, no sector out of reach.

A compound file is a small file system of sectors that name their successors. calamine follows them
as they are written: a damaged file that runs in a circle takes all memory of the machine.
"""

import struct

import numpy as np
from numpy.typing import NDArray

_SPECIAL = 0xFFFFFFFA  # from here on a number is a mark (free, end of chain), no sector
_HEADER = struct.Struct("<II8xIIII")  # from byte 44: lengths and starts of the tables


def is_sound(data: bytes) -> bool:
    """Tell whether every chain of sectors ends, and ends within the file.

    Source: Microsoft, [MS-CFB] Compound File Binary File Format, sections 2.2 to 2.6.

    Examples
    --------
    >>> is_sound(bytes(2000))
    False
    """
    shift = int.from_bytes(data[30:32], "little")
    if len(data) < 512 or shift not in (9, 12):
        return False
    size = 1 << shift
    count = -(-(len(data) - size) // size)
    numbers = np.frombuffer(data[size:].ljust(count * size, b"\0"), "<u4").reshape(-1, size // 4)
    fats, directory, minifat, minifats, difat, _ = _HEADER.unpack_from(data, 44)
    where = [np.frombuffer(data[76:512], "<u4")]
    for _ in range(count):
        if difat >= count:
            break
        where.append(numbers[difat][:-1])
        difat = int(numbers[difat][-1])
    else:
        return False
    sectors = np.concatenate(where)
    sectors = sectors[sectors < _SPECIAL]
    if difat < _SPECIAL or max(fats, minifats) > count or (sectors >= count).any():
        return False
    table = np.full(count, _SPECIAL, "u4")
    written = numbers[sectors].ravel()[:count]
    table[: len(written)] = written
    if not _ends(table):
        return False
    short = np.concatenate([numbers[s] for s in _chain(table, minifat)] or [table[:0]])
    entries = b"".join(numbers[s].tobytes() for s in _chain(table, directory))
    return bool(entries) and _ends(short) and _entries_fit(entries, count, len(data))


def _ends(table: NDArray[np.uint32]) -> bool:
    """Follow all links at once, twice as far each time: after log2(n) steps all have ended."""
    end = len(table)
    links = np.append(np.where(table >= _SPECIAL, end, table), end).astype("i8")
    if links.max() > end:
        return False
    for _ in range(end.bit_length()):
        links = links[links]
    return bool((links == end).all())


def _chain(table: NDArray[np.uint32], sector: int) -> list[int]:
    found = []
    while sector < len(table):
        found.append(sector)
        sector = int(table[sector])
    return found


def _entries_fit(entries: bytes, count: int, most: int) -> bool:
    """Tell whether the names, starts and lengths in the directory are possible ones."""
    for at in range(0, len(entries) - 127, 128):
        name, kind = struct.unpack_from("<HB", entries, at + 64)
        start, length = struct.unpack_from("<II", entries, at + 116)
        possible = name <= 64 and length <= most and (start < count or start >= _SPECIAL)
        if kind and not (possible or (kind == 2 and length < 4096 and name <= 64)):
            return False
    return True
