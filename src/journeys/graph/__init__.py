"""The rule graph: what a journey does, as nodes and edges, free of human language."""
