#!/usr/bin/env python3
"""Prints the values that the test `values_stay_as_they_are` expects, from RFC 8439's ChaCha.

The generator takes 8 rounds, and a 64-bit block counter and a 64-bit stream number in place of
the RFC's counter and nonce.
"""

import struct


def quarter(x, a, b, c, d):
    for i, j, k, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        x[i] = (x[i] + x[j]) & 0xFFFFFFFF
        mixed = x[k] ^ x[i]
        x[k] = (mixed << turn | mixed >> (32 - turn)) & 0xFFFFFFFF


def draws(seed, epoch, purpose, stream):
    """64-bit numbers of the stream."""
    key = struct.pack("<QQ16s", seed, epoch, purpose)
    block = 0
    while True:
        start = struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<QQ", block, stream))
        x = list(start)
        for _ in range(4):
            for column in range(4):
                quarter(x, column, column + 4, column + 8, column + 12)
            for column in range(4):
                right = [row * 4 + (column + row) % 4 for row in range(4)]
                quarter(x, *right)
        words = [(a + b) & 0xFFFFFFFF for a, b in zip(x, start)]
        for low, high in zip(words[::2], words[1::2]):
            yield low | high << 32
        block += 1


def below(numbers, bound):
    whole = 2**64 - 2**64 % bound
    return next(number for number in numbers if number < whole) % bound


for numbers in (draws(7, 3, b"orthant order", 0), draws(0, 0, b"orthant mix", 1)):
    order = list(range(12))
    for last in range(11, 0, -1):
        other = below(numbers, last + 1)
        order[last], order[other] = order[other], order[last]
    print(order)

numbers = draws(7, 3, b"orthant augment", 5)
print([below(numbers, bound) for bound in (9, 9, 2, 1)])
