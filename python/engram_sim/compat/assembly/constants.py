"""Sizes of the examples."""

N_NEURONS = 1000
K_ACTIVE = 50
