"""The baseline classifier: text against class descriptions, offline."""
