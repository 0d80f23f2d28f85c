"""How a message leaves: one file a provider, one verdict a recipient."""
