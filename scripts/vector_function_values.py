"""Writes test/data/vector_functions.json: exp, log, normal and Student-t functions to 50 digits (mpmath), each as a sum of two doubles.

`python3 scripts/vector_function_values.py N FOLDER` writes N arguments of each as raw doubles instead (x, high, low), to measure with.
"""
import array
import json
import random
import sys

import mpmath as mp

mp.mp.dps = 50
random.seed(2027)
smallest, largest = 5e-324, 1.7976931348623157e308


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def quantile(p):
    """Newton's method from a start in doubles, on the logarithm of the smaller tail."""
    if p > 0.5:
        return -quantile(1 - p)
    if p == 0.5:
        return mp.mpf(0)
    if p > 0.3:
        return -mp.sqrt(2) * mp.erfinv(1 - 2 * p)
    x = -mp.sqrt(-2 * mp.log(p))
    for _ in range(60):
        step = mp.log(cdf(x) / p) * cdf(x) / mp.npdf(x)
        x -= step
        if abs(step) < abs(x) * mp.mpf(10) ** -25:
            break
    return x


def pair(value):
    high = float(value)
    return [high, float(value - mp.mpf(high)) if abs(high) != float("inf") else 0.0]


def wide():
    """A positive number of any exponent."""
    return max(smallest, min(largest, 2.0 ** random.uniform(-1060, 1023) * random.uniform(1, 1.5)))


signed = lambda size: random.choice([-1, 1]) * size
probability = lambda: random.choice(
    [random.random(), random.random(), 0.5 + signed(10 ** random.uniform(-17, -1)), 1 - 10 ** random.uniform(-16, -1), 10 ** random.uniform(-323, -1)])
near = lambda limit: signed(min(limit, random.choice([limit * random.random(), 10 ** random.uniform(-12, 1.6)])))
functions = {
    "exp": (mp.exp, lambda: random.choice([random.uniform(-745, 709.78), near(40)])),
    "log": (mp.log, lambda: random.choice([wide(), 1 + near(0.5), random.uniform(0, 4)]) or 1.0),
    "normal_cdf": (cdf, lambda: random.choice([near(8.3), -abs(near(38.5))])),
    "normal_pdf": (mp.npdf, lambda: near(38.5)),
    "normal_quantile": (quantile, lambda: min(1 - 2**-53, max(smallest, probability()))),
}


def rows(name, count):
    exact, draw = functions[name]
    return [[x, *pair(exact(mp.mpf(x)))] for x in (draw() for _ in range(count))]


if len(sys.argv) > 2:
    for name in sys.argv[3:] or functions:
        with open(f"{sys.argv[2]}/{name}.f64", "wb") as file:
            array.array("d", [v for row in rows(name, int(sys.argv[1])) for v in row]).tofile(file)
else:
    table = {"source": f"mpmath {mp.__version__}, 50 digits", **{name: sorted(rows(name, 400)) for name in functions}}
    with open("test/data/vector_functions.json", "w") as file:
        json.dump(table, file, separators=(",", ":"))
        file.write("\n")
