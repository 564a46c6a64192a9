"""Casework (办理): the system of record, from the opened case to its closed loop.

Storage lives here, because the record-keeper owns the record.
"""
