"""Evaluand: the open, self-hosted server that evaluates AI systems.

Importing the package costs next to nothing; the server, the engine and the document readers are
loaded by whoever uses them.
"""

__version__ = "0.1.0"
