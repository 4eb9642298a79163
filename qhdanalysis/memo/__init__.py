"""Checked memos: prose that cites named values, and the evidence that travels with it."""

from qhdanalysis.memo.build import build_memo
from qhdanalysis.memo.verify import Verification, verify_memo

__all__ = ["Verification", "build_memo", "verify_memo"]
