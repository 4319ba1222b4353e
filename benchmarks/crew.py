"""The people of stated reliability that benchmarks play with: five, right in so many of their answers."""

CREW = (0.98, 0.95, 0.92, 0.90, 0.85)
