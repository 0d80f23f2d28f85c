"""journeys: marketing automation as readable text."""
