"""What an editor asks about journey files: mistakes as you type, what may come next, what a word means, where it is from."""
