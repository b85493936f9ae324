"""Text of a page as lines and words, for engines that look at wording and place."""
