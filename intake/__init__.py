"""Intake (来件): from a person's words to a stored report, a sealed reporter and a receipt."""
