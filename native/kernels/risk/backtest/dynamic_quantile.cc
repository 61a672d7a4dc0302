// Contract: src/kernels/risk/backtest/dynamic_quantile.ts. Products of the columns about their means instead of the columns themselves, then
// Cholesky's factorization, which leaves out a column where nothing of it remains.
#include "kernels/risk/parts/backtest.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, var", .options = "confidence, lags, squares", .outputs = "hits, statistic, degrees, pValue"};
CHOICE(LossSquares, none, lagged)

inline constexpr i64 most_columns = 22;  // the VaR, 20 lags, a square

// The columns but the constant: the VaR of day t, hits of the days before, the squared loss of the day before.
template <class T> struct Regressors {
  const T *loss, *risk;
  i64 lags;
  bool squares;
  i64 count() const { return 1 + lags + squares; }
  f64 hit(i64 t) const { return loss[t] > risk[t] ? 1.0 : 0.0; }
  void row(i64 t, f64* x) const {
    x[0] = static_cast<f64>(risk[t]);
    for (i64 lag = 1; lag <= lags; lag++) x[lag] = hit(t - lag);
    if (squares) x[lags + 1] = static_cast<f64>(loss[t - 1]) * static_cast<f64>(loss[t - 1]);
  }
};

struct Products {
  f64 mean[most_columns], with[most_columns][most_columns], target[most_columns];  // about the means
  f64 target_mean;
};

template <class T> void collect(const Regressors<T>& columns, i64 start, i64 days, Products& out) {
  const i64 count = columns.count();
  const f64 n = static_cast<f64>(days - start);
  f64 x[most_columns];
  out = {};
  for (i64 t = start; t < days; t++) {
    columns.row(t, x);
    for (i64 i = 0; i < count; i++) out.mean[i] += x[i];
    out.target_mean += columns.hit(t);
  }
  for (i64 i = 0; i < count; i++) out.mean[i] /= n;
  out.target_mean /= n;
  for (i64 t = start; t < days; t++) {
    columns.row(t, x);
    const f64 hit = columns.hit(t) - out.target_mean;
    for (i64 i = 0; i < count; i++) x[i] -= out.mean[i];
    for (i64 i = 0; i < count; i++) {
      out.target[i] += x[i] * hit;
      for (i64 j = 0; j <= i; j++) out.with[i][j] += x[i] * x[j];
    }
  }
}

struct Fit {
  f64 squares;  // length of what the columns explain, about the mean
  i64 rank;
};
// A lag of hits stands for hits - alpha, whose length about 0 decides whether anything of it remains.
inline Fit explained(Products& p, i64 count, i64 lags, f64 alpha, f64 n) {
  Fit fit{0, 0};
  bool kept[most_columns] = {};
  for (i64 i = 0; i < count; i++) {
    const f64 level = i >= 1 && i <= lags ? p.mean[i] - alpha : p.mean[i];
    const f64 length = p.with[i][i] + n * level * level;
    for (i64 j = 0; j <= i; j++) {
      if (j < i && !kept[j]) continue;
      f64 rest = p.with[i][j];
      for (i64 k = 0; k < j; k++) rest -= kept[k] ? p.with[i][k] * p.with[j][k] : 0;
      p.with[i][j] = j < i ? rest / p.with[j][j] : rest;
    }
    kept[i] = p.with[i][i] > 1e-12 * length;
    if (!kept[i]) continue;
    p.with[i][i] = __builtin_sqrt(p.with[i][i]);
    f64 along = p.target[i];
    for (i64 k = 0; k < i; k++) along -= kept[k] ? p.with[i][k] * p.target[k] : 0;
    p.target[i] = along / p.with[i][i];
    fit.squares += p.target[i] * p.target[i];
    fit.rank++;
  }
  return fit;
}

template <class T>
Status dynamic_quantile(In<T> loss, In<T> var, f64 confidence, i32 lags, LossSquares squares, Out<T> hits, Out<T> statistic, Out<T> degrees,
                        Out<T> p_value) {
  const f64 alpha = tail_probability(confidence);
  const Regressors<T> columns{loss.data, var.data, lags, squares == LossSquares::lagged};
  const i64 start = lags > columns.squares ? lags : columns.squares;
  const f64 n = static_cast<f64>(loss.length - start);
  Products products;
  collect(columns, start, loss.length, products);
  const f64 level = products.target_mean - alpha;
  const Fit fit = explained(products, columns.count(), lags, alpha, n);
  const f64 found = (n * level * level + fit.squares) / (alpha * (1 - alpha));
  hits[0] = static_cast<T>(__builtin_floor(products.target_mean * n + 0.5));
  statistic[0] = static_cast<T>(found);
  degrees[0] = static_cast<T>(fit.rank + 1);
  p_value[0] = static_cast<T>(chi_square_survival(found, fit.rank + 1));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(dynamic_quantile)
