"""What journeys would have done: over the customers' real history, and over one customer in a user's test."""
