def factors_root(number):
    """The two factors of a number that are nearest each other, the smaller one first."""
    small = next(k for k in range(int(number**0.5), 0, -1) if number % k == 0)
    return small, number // small
