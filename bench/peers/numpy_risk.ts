/** Risk kernels as one would write them in numpy and scipy: whole columns at once. Each returns columns under the kernel's own names. */
export const numpyRisk: Readonly<Record<string, string>> = {
  ewma_volatility: `
from scipy.signal import lfilter
lam = p["decay"]
squares = lfilter([1 - lam], [1, -lam], c["returns"] ** 2)
weights = 1 - lam ** np.arange(1, len(squares) + 1)
return {"volatility": np.sqrt(p["periodsPerYear"] * squares / weights)}`,

  hill: `
falling = np.sort(c["loss"][c["loss"] > 0])[::-1]
logs = np.log(falling)
k = c["largest"]
shape = np.full(len(k), np.nan)
known = k < len(logs)
shape[known] = np.cumsum(logs)[k[known] - 1] / k[known] - logs[k[known]]
return {"shape": shape}`,

  margin_grid: `
from scipy.special import ndtr
u = c["underlying"]
spot = c["price"][u]
units = c["quantity"] * c["multiplier"]
option = (c["kind"] == 1) | (c["kind"] == 2)
side = np.where(c["kind"] == 2, -1.0, 1.0)[option, None]
root = np.sqrt(c["expiry"][option])[:, None]
drift = ((c["rate"] - c["dividendYield"]) * c["expiry"])[option, None]
asset0 = (spot * np.exp(-c["dividendYield"] * c["expiry"]))[option, None]
cash = (c["strike"] * np.exp(-c["rate"] * c["expiry"]))[option, None]
log_strike = np.log(c["strike"][option])[:, None]

def worth(ratio, bump):
    deviation = np.maximum(c["volatility"][option, None] * bump * root, 1e-300)
    d1 = (np.log(spot[option, None] * ratio) - log_strike + drift) / deviation + deviation / 2
    return side * (asset0 * ratio * ndtr(side * d1) - cash * ndtr(side * (d1 - deviation)))

ratio = 1 + c["priceShock"] * c["priceRange"][u, None]
bump = 1 + c["volatilityShock"] * c["volatilityRange"][u, None]
profit = (units * spot)[:, None] * (ratio - 1)
profit[option] = units[option, None] * (worth(ratio[option], bump[option]) - worth(1.0, 1.0))
return {"profit": profit * c["share"]}`,

  portfolio_margin: `
scenarios, groups = int(p["scenarios"]), int(p["groups"])
accounts = len(c["cash"])
cell = c["account"].astype("i8") * groups + c["group"]
order = np.argsort(cell, kind="stable")
firsts = np.flatnonzero(np.diff(cell[order], prepend=-1))
sums = np.add.reduceat(c["profit"].reshape(-1, scenarios)[order], firsts, axis=0)
least = np.add.reduceat(c["minimum"][order], firsts)
need = np.maximum(np.maximum(least, -sums.min(axis=1)), 0)
maintenance = np.bincount(cell[order][firsts] // groups, need, accounts)
equity = c["cash"] + np.bincount(c["account"], c["value"], accounts)
return {"equity": equity, "maintenance": maintenance}`,
};
