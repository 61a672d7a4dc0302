"""Writes test/fixtures/distributions.json: normal and Student-t distribution functions to 50 digits (mpmath), each as a sum of two doubles.

Arguments are multiples of 2^-10, so that a test can make them appear as exact ratios dp / sigma inside a kernel.
"""
import json
import random

import mpmath as mp

mp.mp.dps = 60
random.seed(2026)


def normal(x):
    return mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2


def student(t, df):
    t, a = mp.mpf(t), mp.mpf(df) / 2
    if t > 0:
        return 1 - student(-t, df)
    ratio = t * t / mp.mpf(df)
    if ratio < 1 and df * ratio < 60:
        return mp.mpf(1) / 2 - mp.betainc(mp.mpf(1) / 2, a, 0, ratio / (1 + ratio), regularized=True) / 2
    x = 1 / (1 + ratio)
    return x**a / (2 * a * mp.beta(a, mp.mpf(1) / 2)) * mp.hyp2f1(a, mp.mpf(1) / 2, a + 1, x, maxterms=10**6)


def pair(value):
    high = float(value)
    return [high, float(value - mp.mpf(high))]


def grid(x):
    return round(x * 1024) / 1024


normals = sorted({0.0, -1.0, -5.0, -37.5, -38.5} | {grid(-random.uniform(0, 38.4)) for _ in range(120)}
                 | {grid(-random.expovariate(0.7)) for _ in range(120)} | {grid(random.uniform(0, 8)) for _ in range(40)})
table = {
    "source": f"mpmath {mp.__version__}, 60 digits: erfc, betainc, hyp2f1",
    "normal": [[x, *pair(normal(x))] for x in normals],
    "student": [[df, t, *pair(student(t, df))]
                for df in (0.001, 0.25, 1, 2.5, 4, 10, 30, 100, 1000, 100000, 1000000)
                for t in sorted({grid(-random.uniform(0, 60)) for _ in range(10)} | {grid(random.gauss(0, 2)) for _ in range(10)})
                if student(t, df) > 1e-300],
    "far": [[df, t, *pair(student(t, df))] for df in (0.001, 0.25, 1, 3, 5) for t in (-1e3, -1e6, -1e12, -1e30, -1e60)
            if student(t, df) > 1e-300],
}
with open("test/fixtures/distributions.json", "w") as file:
    json.dump(table, file, separators=(",", ":"))
    file.write("\n")
