"""The geometry of random vectors a second time, by integrals and by numpy's random numbers.

    python tests/golden/geometry_theory.py            writes geometry-theory.json
    python tests/golden/geometry_theory.py --check    compares, writes nothing; exit code 1 when
                                                      something differs

Closed forms of `crates/geometry` are held against integrals of densities here, not against the same
formulas. `crates/geometry/tests/golden.rs` reads the file.
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy import integrate, optimize, stats

FILE = Path(__file__).with_name("geometry-theory.json")
DIMENSIONS = [2, 3, 10, 27, 100, 1152, 4608]
RANDOM = np.random.default_rng(2018)


def quad(f, low, high):
    return integrate.quad(f, low, high, epsabs=0, epsrel=1e-12, limit=500)[0]


def sphere(d):
    """Moments of a uniform direction by its coordinates' densities."""
    if d == 2:
        # The density has poles: over the angle.
        first = quad(lambda a: np.cos(a) * 2 / np.pi, 0, np.pi / 2)
    else:
        # (1 − x²)^((d−3)/2), over the range that has any mass.
        end = min(1.0, 40 / np.sqrt(d))
        weight = lambda x: np.exp((d - 3) / 2 * np.log1p(-x * x)) if x < 1 else float(d == 3)
        first = quad(lambda x: x * weight(x), 0, end) / quad(weight, 0, end)
    mean = np.sqrt(d) * first
    # E[(Σ|x|)²]/d = 1/d + (d−1)/d · d · E|x₁x₂|; E|x₁x₂| = 2/(π d) by the angle of (x₁, x₂).
    ring = quad(lambda a: np.cos(a) * np.sin(a) * 2 / np.pi, 0, np.pi / 2)
    square = 1 / d + (d - 1) / d * 2 * ring
    return mean, np.sqrt(square - mean * mean)


def pair(d):
    """Standard deviation and the chance below 37.07°, by the beta distribution of cos²."""
    weight = lambda y: np.exp((d - 2) * np.log(np.cos(y)))
    end = min(np.pi / 2, 40 / np.sqrt(d))
    second = quad(lambda y: y * y * weight(y), 0, end) / quad(weight, 0, end)
    angle = np.arccos(np.sqrt(2 / np.pi))
    chance = stats.beta.logcdf(np.sin(angle) ** 2, (d - 1) / 2, 0.5) - np.log(2)
    if not np.isfinite(chance):
        chance = None
    return np.degrees(np.sqrt(second)), chance / np.log(10) if chance is not None else None


def unit(distribution):
    """The density scaled to variance 1."""
    sd = distribution.std()
    return lambda x: sd * distribution.pdf(sd * x)


DISTRIBUTIONS = {
    "gaussian": stats.norm(),
    "uniform": stats.uniform(-1, 2),
    "laplace": stats.laplace(),
    "student-t 8": stats.t(8),
    "generalized-gaussian 1.5": stats.gennorm(1.5),
    "generalized-gaussian 3": stats.gennorm(3.0),
}


def kept(density, end, t, power):
    f = lambda x: 2 * x**power * density(x)
    if end is not None:
        return quad(f, min(t, end), end)
    middle = t + 3
    return quad(f, t, middle) + quad(f, middle, np.inf)


def quantized(distribution, t):
    """Cosine, zeros and √d · sd(angle) by the gradient of the cosine in its three sums."""
    density = unit(distribution)
    end = np.sqrt(3) if distribution.dist.name == "uniform" else None
    q, s1, s2, s3 = (kept(density, end, t, power) for power in range(4))
    m2, m4 = kept(density, end, 0, 2), kept(density, end, 0, 4)
    # Sums of |w|·1, w², 1[|w| > t], with 1 the indicator.
    mean = np.array([s1, m2, q])
    second = np.array([[s2, s3, s1], [s3, m4, s2], [s1, s2, q]])
    covariance = second - np.outer(mean, mean)
    cosine = s1 / np.sqrt(m2 * q)
    gradient = cosine * np.array([1 / s1, -0.5 / m2, -0.5 / q])
    variance = gradient @ covariance @ gradient
    return cosine, 1 - q, np.degrees(np.sqrt(variance / (1 - cosine**2)))


def optimum(distribution):
    found = optimize.minimize_scalar(
        lambda t: -quantized(distribution, t)[0],
        bounds=(0.05, 1.6),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return found.x


def lloyd_max(levels):
    """Lloyd's iteration over three million points of equal chance."""
    points = stats.norm.ppf((np.arange(3_000_000) + 0.5) / 3_000_000)
    sums = np.concatenate([[0], np.cumsum(points)])
    values = stats.norm.ppf((np.arange(levels) + 0.5) / levels)
    for _ in range(3_000):
        cuts = np.searchsorted(points, (values[1:] + values[:-1]) / 2)
        edges = np.concatenate([[0], cuts, [len(points)]])
        new = np.diff(sums[edges]) / np.diff(edges)
        done = np.abs(new - values).max() < 1e-10
        values = new
        if done:
            break
    energy = (np.diff(edges) * values**2).sum() / len(points)
    return float(np.degrees(np.arccos(np.sqrt(energy / np.mean(points**2)))))


def greedy(terms):
    points = stats.norm.ppf((np.arange(3_000_000) + 0.5) / 3_000_000)
    left, total, angles = points.copy(), np.zeros_like(points), []
    for _ in range(terms):
        step = np.abs(left).mean() * np.sign(left)
        total += step
        left -= step
        cosine = points @ total / np.sqrt((points @ points) * (total @ total))
        angles.append(float(np.degrees(np.arccos(cosine))))
    return angles


def measured(cosines):
    angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    sd = angles.std(ddof=1)
    return {"mean_deg": angles.mean(), "error_deg": sd / np.sqrt(len(angles)), "sd_deg": sd}


def to_signs(u):
    return np.abs(u).sum(1) / np.sqrt(u.shape[1] * (u * u).sum(1))


def random_signs(d, samples=40_000):
    cosines = [to_signs(RANDOM.standard_normal((2_000, d))) for _ in range(samples // 2_000)]
    return measured(np.concatenate(cosines))


def hadamard(size):
    matrix = np.ones((1, 1))
    while len(matrix) < size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix / np.sqrt(len(matrix))


def rotated(d, rate, samples=4_000):
    """Plain, Haar by numpy's QR with a matrix of its own every 40 samples, and Hadamard."""
    deviations = np.exp(rate * (np.arange(1, d + 1) - d / 2))
    plain = to_signs(RANDOM.standard_normal((samples, d)) * deviations)
    haar = []
    for _ in range(samples // 40):
        q, r = np.linalg.qr(RANDOM.standard_normal((d, d)))
        q *= np.sign(np.diag(r))
        haar.append(to_signs(RANDOM.standard_normal((40, d)) * deviations @ q))
    # Samples of one matrix are not independent: the error is that of the matrices' means.
    means = np.array([np.degrees(np.arccos(part)).mean() for part in haar])
    haar = measured(np.concatenate(haar)) | {"error_deg": means.std(ddof=1) / np.sqrt(len(means))}
    matrix = hadamard(d)
    padded = np.zeros((samples, len(matrix)))
    padded[:, :d] = RANDOM.standard_normal((samples, d)) * deviations
    padded *= RANDOM.choice([-1.0, 1.0], padded.shape)
    return {"plain": measured(plain), "haar": haar, "hadamard": measured(to_signs(padded @ matrix))}


def signs_apart(angle, samples=400_000):
    u, v = RANDOM.standard_normal((2, samples))
    phi = np.radians(angle)
    differing = np.mean(np.sign(u) != np.sign(np.cos(phi) * u + np.sin(phi) * v))
    return float(np.degrees(np.arccos(1 - 2 * differing)))


def covariance_law(samples=200_000, d=64):
    """T8 and T9 on correlated inputs: formula, measured."""
    mixing = RANDOM.standard_normal((d, d)) * np.exp(-0.05 * np.arange(d))
    covariance = mixing @ mixing.T
    w = RANDOM.standard_normal(d)
    b = np.sign(w)
    a = RANDOM.standard_normal((samples, d)) @ mixing.T
    r = w @ covariance @ b / np.sqrt((w @ covariance @ w) * (b @ covariance @ b))
    scale = np.sqrt(np.diag(covariance))
    normed = covariance / np.outer(scale, scale)
    z = a / scale
    of_signs = np.sqrt(w @ normed @ w / (w @ np.arcsin(np.clip(normed, -1, 1)) @ w))
    return {
        "weights": {"formula": r, "measured": np.corrcoef(a @ w, a @ b)[0, 1]},
        "activations": {"formula": of_signs, "measured": np.corrcoef(z @ w, np.sign(z) @ w)[0, 1]},
    }


def numbers():
    def signs(d):
        mean, sd = sphere(d)
        pair_sd, chance = pair(d)
        of_signs = {"d": d, "cosine_mean": mean, "cosine_sd": sd}
        return of_signs | {"pair_sd_deg": pair_sd, "log10_chance": chance}

    def point(name, t):
        cosine, zeros, spread = quantized(DISTRIBUTIONS[name], t)
        point = {"distribution": name, "threshold": t, "cosine": cosine}
        return point | {"zeros": zeros, "spread_deg": spread}

    return {
        "signs": [signs(d) for d in DIMENSIONS],
        "quantized": [point(name, t) for name in DISTRIBUTIONS for t in (0.0, 0.1111, 0.612, 1.2)],
        "optimum": [
            {"distribution": name, "threshold": optimum(of)} for name, of in DISTRIBUTIONS.items()
        ],
        "levels": [{"levels": n, "angle_deg": lloyd_max(n)} for n in (2, 3, 4, 5, 8, 16)],
        "binaries": [{"terms": k + 1, "angle_deg": angle} for k, angle in enumerate(greedy(5))],
        "measured_signs": [{"d": d} | random_signs(d) for d in (2, 3, 10, 27, 100)],
        "measured_rotated": [
            {"d": d, "rate": rate} | rotated(d, rate)
            for d, rate in ((10, 0.1), (100, 0.1), (100, 0.2))
        ],
        "signs_apart": [{"angle_deg": a, "signs_deg": signs_apart(a)} for a in (20, 45, 60, 80)],
        "covariance": covariance_law(),
    }


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(value) for key, value in value.items()}
    if isinstance(value, list):
        return [rounded(value) for value in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def differences(found, stored, place=""):
    if isinstance(stored, dict):
        inner = (differences(found[key], stored[key], f"{place}.{key}") for key in stored)
        return [line for lines in inner for line in lines]
    if isinstance(stored, list):
        pairs = enumerate(zip(found, stored, strict=True))
        return [line for at, (f, s) in pairs for line in differences(f, s, f"{place}[{at}]")]
    numbers = all(isinstance(value, (int, float)) for value in (found, stored))
    close = found == stored or (numbers and np.isclose(found, stored, rtol=1e-8))
    return [] if close else [f"{place}: {found} is not {stored}"]


def main():
    found = rounded(json.loads(json.dumps(numbers(), default=float)))
    law = found["covariance"]
    assert all(abs(one["formula"] - one["measured"]) < 0.005 for one in law.values()), law
    if "--check" in sys.argv:
        lines = differences(found, json.loads(FILE.read_text()))
        print("\n".join(lines) or "equal")
        sys.exit(bool(lines))
    lines = [f' "{key}": {json.dumps(value)}' for key, value in found.items()]
    FILE.write_text("{\n" + ",\n".join(lines).replace("}, {", "},\n  {") + "\n}\n")


main()
