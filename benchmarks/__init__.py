"""Figures that cowise states about itself, and the programs that measure them."""
