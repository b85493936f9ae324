"""The baseline splitter: page-wise classes and cues that a new document begins."""
