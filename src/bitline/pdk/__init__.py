"""PDKs: what a process offers (`descriptor`), where its models come from (`install`), slim decks."""
