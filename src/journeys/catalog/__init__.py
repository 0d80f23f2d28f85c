"""The names and types a project declares, and what a written condition means once they are known."""
