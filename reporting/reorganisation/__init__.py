"""Mergers, splits and renames of units, recorded before they take effect."""
