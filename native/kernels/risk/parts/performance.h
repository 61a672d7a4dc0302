// Measures of eight series of returns at once, one a lane; sums run along the days, in the order of src/kernels/risk/parts/performance.ts.
#pragma once
#include "simd/elementary_lanes.h"
#include "kernels/parts/tail_risk.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

struct Terms {
  f64 periods, rate;  // a year; taken off each return
  TailRule drawdown;
  bool sums;  // drawdowns of the sum of the returns
};
inline Terms terms_of(f64 periods, f64 risk_free, f64 confidence, YesNo compounded) {
  return {periods, risk_free / periods, tail_rule(confidence), compounded == YesNo::no};
}

inline f64 root(f64 x) { return __builtin_sqrt(x); }
inline f64 ratio(f64 above, f64 below) { return below > 0 ? above / below : __builtin_nan(""); }
// Growth of `total` over `days`, a year.
inline f64 annual(f64 total, f64 days, f64 periods) { return exp_less_one(log_any(total) * periods / days); }

// log(1 + x) by the rounded sum, for x >= -1; `count` is a multiple of 8.
inline void log_path(const f64* returns, i64 count, f64* out) {
  for (i64 i = 0; i < count; i += register_lanes) {
    const f64xn grown = 1.0 + load<f64xn>(returns + i);
    store(out + i, grown > f64xn{} ? log_positive<Rounding::FUSED>(grown) : broadcast<f64xn>(least));
  }
}

// What is but rounding beside the mean is 0.
inline f64 without_dust(f64 squares, f64 mean, f64 days) { return squares <= days * (1e-12 * mean) * (1e-12 * mean) ? 0 : squares; }

struct Scratch {
  f64* returns;  // [days][8]
  f64* below;    // [days][8], how far below its high each day ends
  f64* path;     // [days][8], sums of logarithms
  f64* line;     // one series, for selection
  f64* spare;    // twice its size
};
inline i64 line_room(i64 days) { return round_up(days, 8) + 24; }
inline i64 eight_series(i64 days) { return 24 * days + 3 * line_room(days); }  // f64 values of a Scratch
inline Scratch scratch_of(f64* p, i64 days) { return {p, p + 8 * days, p + 16 * days, p + 24 * days, p + 24 * days + line_room(days)}; }

struct Measures {
  f64 annual_return[8], annual_volatility[8], sharpe[8], sortino[8], calmar[8], omega[8], tail_ratio[8], max_drawdown[8], cdar[8], stability[8],
      ulcer_index[8];
  f64 peak[8], trough[8], recovery[8];
};

// Sums along the days, and the walk along the path.
struct Walk {
  f64xn excess{}, gains{}, losses{}, downside{}, logs{}, path_sum{}, ulcer{};
  f64xn total = broadcast<f64xn>(1), value, high, deepest{}, deepest_high{}, high_place{};
  f64xn peak = broadcast<f64xn>(-1), trough = broadcast<f64xn>(-1), recovery = broadcast<f64xn>(-1);

  explicit Walk(f64 start) : value(broadcast<f64xn>(start)), high(value) {}
  template <bool Sums> [[gnu::always_inline]] void day(f64xn r, f64 rate, f64 place, f64* below, f64* path) {
    const f64xn e = r - rate, zero{}, here = broadcast<f64xn>(place), nowhere = broadcast<f64xn>(-1);
    const f64xn gain = e > zero ? e : zero, down = e < zero ? e : zero;
    excess += e;
    gains += gain;
    losses -= down;
    downside += down * down;
    total *= 1.0 + r;
    value = Sums ? value + r : total;
    high_place = value >= high ? here : high_place;
    high = value >= high ? value : high;
    const f64xn depth = Sums ? high - value : (high - value) / high;
    store(below, depth);
    ulcer += depth * depth;
    // Back at the high before the deepest fall, for the first time since its end.
    const f64xn reached = value >= deepest_high ? here : nowhere, back = recovery < zero ? reached : recovery;
    recovery = depth > deepest ? nowhere : back;
    deepest_high = depth > deepest ? high : deepest_high;
    peak = depth > deepest ? high_place : peak;
    trough = depth > deepest ? here : trough;
    deepest = depth > deepest ? depth : deepest;
    logs += load<f64xn>(path);
    path_sum += logs;
    store(path, logs);
  }
};

// Eight days of eight lanes become eight lanes of eight days; the days of an unfinished block stay as they are.
inline void turn_blocks(f64* rows, i64 days) {
  f64x8 block[8];
  for (i64 d = 0; d + 8 <= days; d += 8) {
    for (int i = 0; i < 8; i++) block[i] = load<f64x8>(rows + 8 * (d + i));
    transpose(block);
    for (int i = 0; i < 8; i++) store(rows + 8 * (d + i), block[i]);
  }
}
// One lane of turned blocks.
inline void line_of(const f64* turned, i64 days, i64 lane, f64* line) {
  i64 d = 0;
  for (; d + 8 <= days; d += 8) store(line + d, load<f64x8>(turned + 8 * (d + lane)));
  for (; d < days; d++) line[d] = turned[8 * d + lane];
}

// 95th percentile over the size of the 5th, and the mean of the worst drawdowns, of one lane; returns and drawdowns are turned.
inline void select_lane(const Scratch& s, i64 days, i64 lane, const Terms& terms, Measures& out) {
  const TailRule five{0.05, Quantile::linear, false};
  line_of(s.returns, days, lane, s.line);
  const f64 high = tail_risk(s.line, days, five, s.spare).risk;
  for (i64 d = 0; d < days; d++) s.line[d] = -s.line[d];  // only what is behind them was changed
  const f64 low = tail_risk(s.line, days, five, s.spare).risk;
  out.tail_ratio[lane] = ratio(__builtin_fabs(high), __builtin_fabs(low));
  line_of(s.below, days, lane, s.line);
  out.cdar[lane] = tail_risk(s.line, days, terms.drawdown, s.spare).shortfall;
}

// What needs no selection, of lanes from `first` on of s.returns; those beyond the `lanes` in use are left out.
inline void measure_lanes(const Scratch& s, i64 days, i64 first, i64 lanes, const Terms& terms, Measures& out) {
  Walk walk(terms.sums ? 0 : 1);
  const f64 n = static_cast<f64>(days), middle = 0.5 * (n - 1), year = root(terms.periods);
  const auto along = [&]<bool Sums>() {
    for (i64 d = 0, at = first; d < days; d++, at += 8)
      walk.day<Sums>(load<f64xn>(s.returns + at), terms.rate, static_cast<f64>(d + 1), s.below + at, s.path + at);
  };
  terms.sums ? along.template operator()<true>() : along.template operator()<false>();
  const f64xn mean = walk.excess / n, path_mean = walk.path_sum / n;
  f64xn squares{}, across{}, up{};
  for (i64 d = 0, at = first; d < days; d++, at += 8) {
    const f64xn e = load<f64xn>(s.returns + at) - terms.rate - mean, y = load<f64xn>(s.path + at) - path_mean;
    squares += e * e;
    across += (static_cast<f64>(d) - middle) * y;
    up += y * y;
  }
  for (i64 w = 0, l = first; w < register_lanes && l < lanes; w++, l++) {
    const f64 deviation = root(without_dust(squares[w], mean[w], n) / (n - 1)), growth = annual(walk.total[w], n, terms.periods);
    out.annual_return[l] = growth;
    out.annual_volatility[l] = deviation * year;
    out.sharpe[l] = ratio(mean[w], deviation) * year;
    out.sortino[l] = ratio(mean[w], root(walk.downside[w] / n)) * year;
    out.calmar[l] = ratio(growth, walk.deepest[w]);
    out.omega[l] = ratio(walk.gains[w], walk.losses[w]);
    out.ulcer_index[l] = root(walk.ulcer[w] / n);
    out.max_drawdown[l] = walk.ulcer[w] == walk.ulcer[w] ? walk.deepest[w] : walk.ulcer[w];
    out.stability[l] = ratio(across[w] * across[w], n * (n * n - 1) / 12 * up[w]);
    const bool fell = walk.deepest[w] > 0;
    out.peak[l] = walk.peak[w], out.trough[l] = walk.trough[w], out.recovery[l] = fell ? walk.recovery[w] : -1;
  }
}

// Leaves the returns turned.
inline void measures_of(const Scratch& s, i64 days, i64 lanes, const Terms& terms, Measures& out) {
  log_path(s.returns, 8 * days, s.path);
  for (i64 first = 0; first < lanes; first += register_lanes) measure_lanes(s, days, first, lanes, terms, out);
  turn_blocks(s.returns, days), turn_blocks(s.below, days);
  for (i64 l = 0; l < lanes; l++) select_lane(s, days, l, terms, out);
}

struct Relative {
  f64 beta[8], alpha[8], correlation[8], up_capture[8], down_capture[8], tracking_error[8], information_ratio[8];
};

// What hangs on the benchmark alone.
struct Beside {
  f64xn sum{}, ups{}, downs{}, up = broadcast<f64xn>(1), down = broadcast<f64xn>(1), mean{}, squares{};
};
inline Beside beside_of(const f64* benchmark, i64 days, f64 rate) {
  Beside all_days;
  const f64xn one = broadcast<f64xn>(1), zero{};
  for (i64 d = 0; d < days; d++) {
    const f64xn b = load<f64xn>(benchmark + 8 * d);
    all_days.sum += b - rate;
    all_days.up *= b > zero ? 1.0 + b : one;
    all_days.ups += b > zero ? one : zero;
    all_days.down *= b < zero ? 1.0 + b : one;
    all_days.downs += b < zero ? one : zero;
  }
  all_days.mean = all_days.sum / static_cast<f64>(days);
  for (i64 d = 0; d < days; d++) {
    const f64xn y = load<f64xn>(benchmark + 8 * d) - rate - all_days.mean;
    all_days.squares += y * y;
  }
  return all_days;
}

inline void relate_lanes(const f64* returns, const f64* benchmark, const Beside& beside, i64 days, i64 first, i64 lanes, const Terms& terms,
                         Relative& out) {
  const f64 n = static_cast<f64>(days), year = root(terms.periods);
  const f64xn one = broadcast<f64xn>(1), zero{};
  f64xn own{}, active{}, own_up = one, own_down = one;
  for (i64 d = 0, at = first; d < days; d++, at += 8) {
    const f64xn r = load<f64xn>(returns + at), b = load<f64xn>(benchmark + at);
    own += r - terms.rate;
    active += r - b;
    own_up *= b > zero ? 1.0 + r : one;
    own_down *= b < zero ? 1.0 + r : one;
  }
  const f64xn own_mean = own / n, other_mean = beside.mean, active_mean = active / n;
  f64xn product{}, own_squares{}, active_squares{};
  for (i64 d = 0, at = first; d < days; d++, at += 8) {
    const f64xn r = load<f64xn>(returns + at), b = load<f64xn>(benchmark + at);
    const f64xn x = r - terms.rate - own_mean, y = b - terms.rate - other_mean, a = r - b - active_mean;
    product += x * y;
    own_squares += x * x, active_squares += a * a;
  }
  for (i64 w = 0, l = first; w < register_lanes && l < lanes; w++, l++) {
    const f64 mine = without_dust(own_squares[w], own_mean[w], n), theirs = without_dust(beside.squares[w], other_mean[w], n);
    const f64 beta = ratio(product[w], theirs), deviation = root(without_dust(active_squares[w], active_mean[w], n) / (n - 1));
    out.beta[l] = beta;
    out.alpha[l] = exp_less_one(log_any(1 + (own_mean[w] - beta * other_mean[w])) * terms.periods);
    out.correlation[l] = ratio(product[w], root(mine * theirs));
    out.up_capture[l] = annual(own_up[w], beside.ups[w], terms.periods) / annual(beside.up[w], beside.ups[w], terms.periods);
    out.down_capture[l] = annual(own_down[w], beside.downs[w], terms.periods) / annual(beside.down[w], beside.downs[w], terms.periods);
    out.tracking_error[l] = deviation * year;
    out.information_ratio[l] = ratio(active_mean[w], deviation) * year;
  }
}

// So many portfolios are taken from a panel at once: a few together lie on far fewer pages than each by itself.
inline constexpr i64 taken = 32;

// Portfolios of a panel from `first` on, [eights][days][8]; lanes beyond the last hold 0. How many they are.
template <class T> i64 take_eights(const T* panel, i64 days, i64 portfolios, i64 first, f64* rows) {
  constexpr i64 ahead = 8;  // days that are asked for before they are needed
  const i64 count = portfolios - first < taken ? portfolios - first : taken;
  for (i64 d = 0; d < days; d++) {
    const T *from = panel + d * portfolios + first, *soon = d + ahead < days ? from + ahead * portfolios : from;
    f64* to = rows + 8 * d;
    i64 l = 0;
    for (; l + 8 <= count; l += 8, to += 8 * days) __builtin_prefetch(soon + l), store(to, load<f64x8>(from + l));
    for (i64 lane = 0; l < count && lane < 8; lane++) to[lane] = l + lane < count ? static_cast<f64>(from[l + lane]) : 0.0;
  }
  return count;
}

}  // namespace tickforge::TICKFORGE_ISA
