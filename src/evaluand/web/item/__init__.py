"""One item of a run as its page shows it: expected beside extracted, and where it was found."""
