"""The methods of following money, and the Trace that they return."""
