"""The numbers that both sides make for themselves, so that none need to be stored; sequence.h is the same in C++.

    state <- state * 6364136223846793005 + 1442695040888963407 (mod 2^64),   u = (state >> 40) / 2^24   in [0, 1)

A tensor is filled row-major with scale * (2 u - 1), one float64 rounding, then rounded to its dtype; labels are
floor(u * classes).
"""
import torch


class Sequence:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 40) / 2**24

    def tensor(self, shape, scale=1.0, dtype=torch.float64):
        n = 1
        for d in shape:
            n *= d
        return torch.tensor([scale * (2 * self.next() - 1) for _ in range(n)], dtype=torch.float64).reshape(shape).to(dtype)

    def labels(self, n, classes):
        return torch.tensor([int(self.next() * classes) for _ in range(n)], dtype=torch.int64)
