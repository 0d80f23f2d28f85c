"""Text to tree and back: the journey language in English and Chinese."""
