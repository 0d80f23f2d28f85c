"""Carries journeys out: finds who is due, lets the engine decide, keeps what it decided, hands messages off."""
