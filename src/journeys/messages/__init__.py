"""What a message says: template files, a sandbox for them, and the text for one person."""
