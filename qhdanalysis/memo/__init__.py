"""Memos whose every number leads back to its source."""
