"""Known words that are one letter away from what was written: what a misspelt name may mean."""

from collections.abc import Iterable

__all__ = ["Near", "blanked"]


def blanked(word: str) -> set[str]:
    """Give a word with a blank for each letter and between any two: near words share one of these.

    Two words share one if and only if they are at most one letter apart, changed, added or left
    out.

    Examples
    --------
    >>> blanked("昌犁县") & blanked("昌黎县"), blanked("昌县") & blanked("昌黎县")
    ({'昌?县'}, {'昌?县'})
    """
    ends = range(len(word) + 1)
    return {f"{word[:i]}?{word[i + more :]}" for i in ends for more in (0, 1)}


class Near:
    """Words to which misspelt ones are compared, looked up in no time.

    Parameters
    ----------
    words : iterable of str
        The known words; nearer ones of equal length come in this order.

    Examples
    --------
    >>> Near(["昌黎县", "昌江县", "卢龙县"])("昌犁县")
    ['昌黎县', '昌江县']
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._places: dict[str, list[int]] = {}
        self._words = list(dict.fromkeys(words))
        self._longest = max(map(len, self._words), default=0)
        for at, word in enumerate(self._words):
            for pattern in blanked(word):
                self._places.setdefault(pattern, []).append(at)

    def __call__(self, word: str) -> list[str]:
        """Give the known words one letter away, those of the same length first."""
        if len(word) > self._longest + 1:  # time grows with the square of the length
            return []
        places = {at for pattern in blanked(word) for at in self._places.get(pattern, ())}
        near = [self._words[at] for at in sorted(places)]
        return sorted(near, key=lambda other: len(other) != len(word))
