"""Rare events: limit states over standard-normal deviates, design points, tail probabilities."""
