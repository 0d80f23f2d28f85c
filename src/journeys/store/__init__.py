"""What is known of customers and what journeys did to them, kept in SQLite (or, later, PostgreSQL)."""
