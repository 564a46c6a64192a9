"""The staff console: one file a desk. Every list, count and page goes through the one door of visibility."""
