"""Benches of the analog columns: charge summing (QS) and charge redistribution (QR)."""
