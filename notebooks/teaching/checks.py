"""Says of an exercise's answer whether it is right, and if not, what is not yet right.

It stands beside the lessons and not in the library, since nothing but a lesson needs it.
"""

from collections.abc import Callable

results: dict[str, bool] = {}


def check(exercise: str, right: Callable[[], object], hint: str) -> None:
    """Print and keep the verdict on an answer; one that is not yet given, ``...``, is not right.

    Examples
    --------
    >>> share = 0.25
    >>> check("1", lambda: share == 0.25, "divide by the total of the city")
    1: right
    >>> share = ...
    >>> check("1", lambda: share > 0, "divide by the total of the city")
    1: not yet right: divide by the total of the city
    """
    try:
        results[exercise] = bool(right())
    except Exception:  # whatever an unfinished answer makes of the question
        results[exercise] = False
    print(f"{exercise}: right" if results[exercise] else f"{exercise}: not yet right: {hint}")
