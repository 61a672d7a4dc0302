"""Writes test/fixtures/vector_functions.json: exp, log, normal and Student-t functions to 50 digits (mpmath), each as a sum of two doubles.

`python3 scripts/vector_function_values.py N FOLDER` writes N arguments of each as raw doubles instead (x, high, low), to measure with.
"""
import array
import json
import random
import sys

import mpmath as mp
import scipy.stats

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


def student_tail(t, df):
    """P(T < -t) for t > 0: 1/2 less the area, with digits to lose, or the series of the tail where it is quick."""
    t, a = mp.mpf(t), mp.mpf(df) / 2
    ratio = t**2 / mp.mpf(df)
    if ratio < 1:
        with mp.workdps(400):
            y = ratio / (1 + ratio)
            area = mp.sqrt(y) * (1 + ratio) ** -a / mp.beta(a, mp.mpf(1) / 2) * mp.hyp2f1(a + mp.mpf(1) / 2, 1, mp.mpf(3) / 2, y, maxterms=10**7)
            return mp.mpf(1) / 2 - area
    x = 1 / (1 + ratio)
    return mp.sqrt(1 - x) * x**a / (2 * a * mp.beta(a, mp.mpf(1) / 2)) * mp.hyp2f1(a + mp.mpf(1) / 2, 1, a + 1, x, maxterms=10**7)


def student(t, df):
    return student_tail(-t, df) if t < 0 else 1 - student_tail(t, df)


def student_quantile(p, df):
    """Newton's method in log(t) from scipy's value, or from the power that the tail falls with."""
    p = mp.mpf(p)
    if p > 0.5:
        return -student_quantile(1 - p, df)
    start = -mp.mpf(scipy.stats.t.ppf(float(max(p, mp.mpf(10) ** -290)), df))
    v = mp.log(start) + max(0, mp.log(mp.mpf(10) ** -290 / p)) / df
    for _ in range(60):
        t = mp.exp(v)
        tail = student_tail(t, df)
        pull = t * (1 + t * t / df) ** (-(mp.mpf(df) + 1) / 2) / (mp.sqrt(df) * mp.beta(mp.mpf(1) / 2, mp.mpf(df) / 2))
        step = mp.log(tail / p) * tail / pull
        v += step
        if abs(step) < mp.mpf(10) ** -22:
            break
    return -mp.exp(v)


def pair(value):
    high = float(value)
    return [high, float(value - mp.mpf(high)) if abs(high) != float("inf") else 0.0]


def wide():
    """A positive number of any exponent."""
    return max(smallest, min(largest, 2.0 ** random.uniform(-1060, 1023) * random.uniform(1, 1.5)))


degrees = (0.25, 1, 2.5, 4, 7, 30, 100, 1000, 100000, 1000000)
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


def student_rows(name, count):
    """[df, argument, high, low], the same number for each df."""
    if name == "student_t_cdf":
        draw = lambda: signed(random.choice([random.uniform(1e-3, 6), random.uniform(1, 30), 10 ** random.uniform(-8, 4)]))
        pairs = [(df, draw()) for df in degrees for _ in range(count)]
        found = [[df, t, *pair(student(t, df))] for df, t in pairs]
        return [row for row in found if row[2] > 1e-290]
    draw = lambda: random.choice([random.random(), random.random(), 0.5 + signed(10 ** random.uniform(-9, -1)), 10 ** random.uniform(-200, -1)])
    return [[df, p, *pair(student_quantile(p, df))] for df in degrees if df >= 1 for p in (draw() for _ in range(count))]


def far_student_rows(_, count):
    """[df, t, high, low] for few degrees of freedom, where the middle and the far tail are hardest; a stream of its own."""
    own = random.Random(16)
    draw = lambda: -(10 ** (own.uniform(-3, 6) if own.random() < 0.6 else own.uniform(-1, 150)))
    found = [[df, t, *pair(student(t, df))] for df in (0.001, 0.003, 0.03, 0.1, 0.4, 0.7, 0.99, 1, 1.5, 30, 1e5) for t in (draw() for _ in range(count))]
    return [row for row in found if row[2] > 1e-290]


def student_edge_rows(*_):
    """[df, p, high, low] of the smallest probabilities."""
    return [[df, p, *pair(student_quantile(p, df))] for df in (1.2, 4, 30, 1e5) for p in (5e-324, 1e-323, 1e-310, 1e-300)]


def rows(name, count):
    if name in alone:
        return alone[name](name, max(1, count // 20))
    if name.startswith("student"):
        return student_rows(name, max(1, count // 20))
    exact, draw = functions[name]
    return [[x, *pair(exact(mp.mpf(x)))] for x in (draw() for _ in range(count))]


alone = {"student_t_cdf_far": far_student_rows, "student_t_quantile_edge": student_edge_rows}


if len(sys.argv) > 2:
    for name in sys.argv[3:] or [*functions, "student_t_cdf", "student_t_quantile"]:
        with open(f"{sys.argv[2]}/{name}.f64", "wb") as file:
            array.array("d", [v for row in rows(name, int(sys.argv[1])) for v in row]).tofile(file)
else:
    table = {"source": f"mpmath {mp.__version__}, 50 digits", **{name: sorted(rows(name, 400)) for name in [*functions, "student_t_cdf", "student_t_quantile", *alone]}}
    with open("test/fixtures/vector_functions.json", "w") as file:
        json.dump(table, file, separators=(",", ":"))
        file.write("\n")
