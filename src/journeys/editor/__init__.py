"""What an editor asks about journey files: what is wrong, what may come next, what a word means, where it is from."""
