"""What a journey does to people in time: pure, no files, no database, no clock of its own."""
