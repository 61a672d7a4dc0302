// Measures of eight series of returns at once, one a lane; sums run along the days, in the order of src/kernels/risk/performance.ts.
#pragma once
#include "tail_risk.h"
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

struct Terms {
  f64 periods, rate;  // a year; taken off each return
  TailRule drawdown;
};
inline Terms terms_of(f64 periods, f64 risk_free, f64 confidence) { return {periods, risk_free / periods, tail_rule(confidence, 0, 0)}; }

inline f64 root(f64 x) { return __builtin_sqrt(x); }
inline f64 ratio(f64 above, f64 below) { return below > 0 ? above / below : __builtin_nan(""); }
// Growth of `total` over `days`, a year.
inline f64 annual(f64 total, f64 days, f64 periods) { return exp_less_one(log_any(total) * periods / days); }

inline V8 log8(V8 x) {
  f64 lane[8];
  store8(lane, x);
  for (int l = 0; l < 8; l++) lane[l] = log_any(lane[l]);
  return load8(lane);
}

// What is but rounding beside the mean is 0.
inline V8 without_dust(V8 squares, V8 mean, i64 days) {
  const V8 dust = 1e-12 * mean;
  return squares <= static_cast<f64>(days) * dust * dust ? V8{} : squares;
}

struct Scratch {
  f64* returns;  // [days][8]
  f64* below;    // [days][8], how far below its high each day ends
  f64* path;     // [days][8], sums of logarithms
  f64* line;     // one series, for selection
  f64* spare;    // twice its size
};
inline i64 line_room(i64 days) { return round_up(days, 8) + 24; }
inline Scratch scratch_of(f64* p, i64 days) { return {p, p + 8 * days, p + 16 * days, p + 24 * days, p + 24 * days + line_room(days)}; }

struct Measures {
  V8 annual_return, annual_volatility, sharpe, sortino, calmar, omega, tail_ratio, max_drawdown, cdar, stability;
  V8 peak, trough, recovery;
};

// Sums along the days, and the walk along the path.
struct Walk {
  V8 excess{}, gains{}, losses{}, downside{}, logs{}, path_sum{};
  V8 value = splat(1), high = splat(1), deepest{}, deepest_high{}, high_place{};
  V8 peak = splat(-1), trough = splat(-1), recovery = splat(-1);

  void day(V8 r, f64 rate, f64 place, f64* below, f64* path) {
    const V8 e = r - rate, zero{};
    excess += e;
    gains += e > zero ? e : zero;
    losses += e < zero ? -e : zero;
    const V8 down = e < zero ? e : zero;
    downside += down * down;
    value *= 1.0 + r;
    const M8 at_high = value >= high;
    high = at_high ? value : high;
    high_place = at_high ? splat(place) : high_place;
    const V8 depth = (high - value) / high;
    store8(below, depth);
    const M8 deeper = depth > deepest, back = (recovery < zero) & (trough >= zero) & (value >= deepest_high);
    recovery = deeper ? splat(-1) : back ? splat(place) : recovery;
    deepest = deeper ? depth : deepest;
    deepest_high = deeper ? high : deepest_high;
    peak = deeper ? high_place : peak;
    trough = deeper ? splat(place) : trough;
    logs += log8(1.0 + r);
    path_sum += logs;
    store8(path, logs);
  }
};

// 95th percentile over the size of the 5th, and the mean of the worst drawdowns, of one lane.
inline void select_lane(const Scratch& s, i64 days, i64 lane, const Terms& terms, Measures& out) {
  const TailRule five{0.05, false, false};
  for (i64 d = 0; d < days; d++) s.line[d] = s.returns[8 * d + lane];
  const f64 high = tail_risk(s.line, days, five, s.spare).risk;
  for (i64 d = 0; d < days; d++) s.line[d] = -s.returns[8 * d + lane];
  const f64 low = tail_risk(s.line, days, five, s.spare).risk;
  out.tail_ratio[lane] = ratio(__builtin_fabs(high), __builtin_fabs(low));
  for (i64 d = 0; d < days; d++) s.line[d] = s.below[8 * d + lane];
  out.cdar[lane] = tail_risk(s.line, days, terms.drawdown, s.spare).shortfall;
}

// Of the first `lanes` of s.returns; selections of others are left out.
inline Measures measures_of(const Scratch& s, i64 days, i64 lanes, const Terms& terms) {
  Walk walk;
  const f64 n = static_cast<f64>(days), middle = 0.5 * (n - 1), year = root(terms.periods);
  for (i64 d = 0; d < days; d++) walk.day(load8(s.returns + 8 * d), terms.rate, static_cast<f64>(d + 1), s.below + 8 * d, s.path + 8 * d);
  const V8 mean = walk.excess / n, path_mean = walk.path_sum / n;
  V8 squares{}, across{}, up{};
  for (i64 d = 0; d < days; d++) {
    const V8 e = load8(s.returns + 8 * d) - terms.rate - mean, y = load8(s.path + 8 * d) - path_mean;
    squares += e * e;
    across += (static_cast<f64>(d) - middle) * y;
    up += y * y;
  }
  squares = without_dust(squares, mean, days);
  Measures out{};
  out.max_drawdown = walk.value == walk.value ? walk.deepest : walk.value;
  out.peak = walk.peak, out.trough = walk.trough, out.recovery = walk.recovery;
  for (i64 l = 0; l < lanes; l++) {
    const f64 deviation = root(squares[l] / (n - 1)), growth = annual(walk.value[l], n, terms.periods);
    out.annual_return[l] = growth;
    out.annual_volatility[l] = deviation * year;
    out.sharpe[l] = ratio(mean[l], deviation) * year;
    out.sortino[l] = ratio(mean[l], root(walk.downside[l] / n)) * year;
    out.calmar[l] = ratio(growth, walk.deepest[l]);
    out.omega[l] = ratio(walk.gains[l], walk.losses[l]);
    out.stability[l] = ratio(across[l] * across[l], n * (n * n - 1) / 12 * up[l]);
    select_lane(s, days, l, terms, out);
  }
  return out;
}

struct Relative {
  V8 beta, alpha, correlation, up_capture, down_capture, tracking_error, information_ratio;
};

// Both [days][8].
inline Relative relative_of(const f64* returns, const f64* benchmark, i64 days, i64 lanes, const Terms& terms) {
  const f64 n = static_cast<f64>(days), year = root(terms.periods);
  const V8 one = splat(1), zero{};
  V8 own{}, other{}, active{}, ups{}, downs{};
  V8 own_up = one, other_up = one, own_down = one, other_down = one;
  for (i64 d = 0; d < days; d++) {
    const V8 r = load8(returns + 8 * d), b = load8(benchmark + 8 * d);
    const M8 up = b > zero, down = b < zero;
    own += r - terms.rate;
    other += b - terms.rate;
    active += r - b;
    own_up *= up ? 1.0 + r : one, other_up *= up ? 1.0 + b : one, ups += up ? one : zero;
    own_down *= down ? 1.0 + r : one, other_down *= down ? 1.0 + b : one, downs += down ? one : zero;
  }
  const V8 own_mean = own / n, other_mean = other / n, active_mean = active / n;
  V8 product{}, own_squares{}, other_squares{}, active_squares{};
  for (i64 d = 0; d < days; d++) {
    const V8 r = load8(returns + 8 * d), b = load8(benchmark + 8 * d);
    const V8 x = r - terms.rate - own_mean, y = b - terms.rate - other_mean, a = r - b - active_mean;
    product += x * y;
    own_squares += x * x, other_squares += y * y, active_squares += a * a;
  }
  own_squares = without_dust(own_squares, own_mean, days);
  other_squares = without_dust(other_squares, other_mean, days);
  active_squares = without_dust(active_squares, active_mean, days);
  Relative out{};
  for (i64 l = 0; l < lanes; l++) {
    const f64 beta = ratio(product[l], other_squares[l]), deviation = root(active_squares[l] / (n - 1));
    out.beta[l] = beta;
    out.alpha[l] = exp_less_one(log_any(1 + (own_mean[l] - beta * other_mean[l])) * terms.periods);
    out.correlation[l] = ratio(product[l], root(own_squares[l] * other_squares[l]));
    out.up_capture[l] = annual(own_up[l], ups[l], terms.periods) / annual(other_up[l], ups[l], terms.periods);
    out.down_capture[l] = annual(own_down[l], downs[l], terms.periods) / annual(other_down[l], downs[l], terms.periods);
    out.tracking_error[l] = deviation * year;
    out.information_ratio[l] = ratio(active_mean[l], deviation) * year;
  }
  return out;
}

// Eight portfolios of a panel, from `first` on, side by side; lanes beyond the last hold 0.
template <class T> i64 take_eight(const T* panel, i64 days, i64 portfolios, i64 first, f64* rows) {
  const i64 lanes = portfolios - first < 8 ? portfolios - first : 8;
  for (i64 d = 0; d < days; d++) {
    const T* from = panel + d * portfolios + first;
    if (lanes == 8) {
      store8(rows + 8 * d, load8(from));
      continue;
    }
    for (i64 l = 0; l < 8; l++) rows[8 * d + l] = l < lanes ? static_cast<f64>(from[l]) : 0.0;
  }
  return lanes;
}

}  // namespace tickforge::TICKFORGE_ISA
