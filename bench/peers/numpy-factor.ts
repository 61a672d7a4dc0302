/** Factor kernels as one would write them in numpy: a dense design with a column for each sector, normal equations, date by date. */
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
};
