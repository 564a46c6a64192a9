"""The bot (对话): one conversation for every channel, and the adapters that carry it."""
