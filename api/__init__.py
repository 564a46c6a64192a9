"""The outside doors, and the only place that wires things together."""
