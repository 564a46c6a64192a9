"""Triage (研判): a text goes in, an Assessment with its reasons comes out.

Nothing here touches a database, the network, the clock, chance or a log.
"""
