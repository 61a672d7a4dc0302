/** Factor kernels as one would write them in numpy: cross-sections of all dates at once, regressions date by date with a column for each sector. */
export const numpyFactor: Readonly<Record<string, string>> = {
  factor_returns: `
n, S, K = int(p["assets"]), int(p["sectors"]), int(p["styles"])
y, caps = c["returns"].reshape(-1, n), c["cap"].reshape(-1, n)
styles = c["styles"].reshape(-1, K, n)
one_hot = (c["sector"][:n, None] == np.arange(S)).astype(float)
two_stage = p["lag"] < 0  # the case of the benchmark that takes the default lag
T, F = len(y), 1 + S + K
out = {name: np.empty((T, F)) for name in ("returns", "errors")}
residuals, r2 = np.empty((T, n)), np.empty(T)
design = np.empty((n, S + K))
design[:, :S] = one_hot
mapped = np.zeros((F, S + K))
mapped[1:1 + S, :S] = np.eye(S)
mapped[1 + S:, S:] = np.eye(K)
for t in range(T):
    cap, x = caps[min(t, len(caps) - 1)], styles[min(t, len(styles) - 1)]
    w, r = np.sqrt(cap), y[t]
    share = np.full(S, 1 / S) if two_stage else (cap @ one_hot) / cap.sum()
    to_factors = mapped.copy()
    to_factors[0, :S] = share
    to_factors[1:1 + S, :S] -= share
    design[:, S:] = x.T
    if two_stage:
        r = np.clip(r, *np.percentile(r, (5, 95)))
        weight = w @ one_hot
        level = (w * r) @ one_hot / weight
        left = r - one_hot @ level
        inverse = np.zeros((S + K, S + K))
        inverse[:S, :S] = np.diag(1 / weight)
        inverse[S:, S:] = np.linalg.inv((x * w) @ x.T)
        b = np.concatenate([level, inverse[S:, S:] @ (x @ (w * left))])
        e = r - design @ b
        s2 = np.repeat([w @ left ** 2 / (n - S), w @ e ** 2 / (n - K)], [1 + S, K])
    else:
        weighted = design * w[:, None]
        inverse = np.linalg.inv(design.T @ weighted)
        b = inverse @ (weighted.T @ r)
        e = r - design @ b
        s2 = w @ e ** 2 / (n - S - K)
    out["returns"][t] = to_factors @ b
    out["errors"][t] = np.sqrt(s2 * np.einsum("ij,jk,ik->i", to_factors, inverse, to_factors))
    residuals[t] = e
    r2[t] = 1 - w @ e ** 2 / (w @ r ** 2)
f, s = out["returns"], out["errors"]
return {"factorReturns": f, "standardErrors": s, "tStatistics": f / s, "residuals": residuals, "rSquared": r2}`,

  style_score: `
n = int(p["assets"])
x = c["values"].reshape(-1, n)
w = c["weights"].reshape(-1, n) if "weights" in c else None
counted = np.isfinite(x)
if w is not None:
    counted &= np.isfinite(w) & (w > 0)
inside = np.where(counted, x, np.nan)
low, high = np.nanpercentile(inside, (100 * p["tail"], 100 - 100 * p["tail"]), axis=1, keepdims=True)
inside = np.clip(inside, low, high)
deviation = np.nanstd(inside, axis=1, ddof=1, keepdims=True)
deviation[low == high] = np.nan
mean = np.nanmean(inside, axis=1, keepdims=True) if w is None else (
    np.nansum(w * inside, axis=1, keepdims=True) / np.sum(w, axis=1, keepdims=True, where=counted))
return {"score": (np.clip(x, low, high) - mean) / deviation}`,

  cross_section_rank: `
from scipy.stats import rankdata
n = int(p["assets"])
x = c["values"].reshape(-1, n)
return {"rank": rankdata(x, axis=1, nan_policy="omit") / (1 + np.sum(~np.isnan(x), axis=1, keepdims=True))}`,

  principal_components: `
n, k = int(p["assets"]), int(p["components"])
x = c["returns"].reshape(-1, n)
x = x - x.mean(0)
u, s, v = np.linalg.svd(x, full_matrices=False)
variances = s ** 2 / (len(x) - 1)
loadings = v[:k] * np.sign(v[np.arange(k), np.abs(v[:k]).argmax(1)])[:, None]
return {"variances": variances[:k], "explained": variances[:k] / variances.sum(), "loadings": loadings, "scores": x @ loadings.T}`,

  asymptotic_pca: `
n, k = int(p["assets"]), int(p["components"])
x = c["returns"].reshape(-1, n)
x = x - x.mean(0)
root, scale = np.sqrt(len(x)), np.ones(n)
for turn in range(2):  # the case of the benchmark is scaled
    values, u = np.linalg.eigh((x * scale) @ (x * scale).T / n)
    values, u = values[:-k - 1:-1], u[:, :-k - 1:-1]
    loadings = u.T @ x / root
    specific = ((x - root * u @ loadings) ** 2).mean(0)
    scale = 1 / np.sqrt(specific)
sign = np.sign(loadings[np.arange(k), np.abs(loadings).argmax(1)])
return {"values": values, "factors": root * u * sign, "loadings": loadings * sign[:, None], "specific": specific}`,
};
