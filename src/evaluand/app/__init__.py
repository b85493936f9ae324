"""The composition root: the one place that knows which adapters there are.

``opening`` opens the store alone, which is all that managing keys needs; ``installation`` builds
everything.
"""
