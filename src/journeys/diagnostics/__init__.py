"""What is wrong with a journey file, where, and what to type instead."""
