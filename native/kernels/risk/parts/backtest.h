// Hits of a VaR and their likelihood ratios, as src/kernels/risk/parts/backtest.ts.
#pragma once
#include "chi_square.h"
#include "kernels/parts/returns.h"

namespace tickforge::TICKFORGE_ISA {

struct Hits {
  i64 days, total, first, last, pairs;  // pairs: hits whose day before was one
};

template <class T> Hits hits_of(const T* loss, const T* risk, i64 days) {
  i64 total = loss[0] > risk[0], pairs = 0;
  const i64 first = total, last = loss[days - 1] > risk[days - 1];
  for (i64 t = 1; t < days; t++) {
    const i64 hit = loss[t] > risk[t], before = loss[t - 1] > risk[t - 1];
    total += hit;
    pairs += hit & before;
  }
  return {days, total, first, last, pairs};
}

// found * log(found / expected).
inline f64 log_term(f64 found, f64 expected) { return found == 0 ? 0 : found * log_return(expected, found); }
inline f64 ratio_of(f64 half) { return half > 0 ? 2 * half : 0; }

inline f64 coverage_ratio(f64 hits, f64 days, f64 alpha) {
  return ratio_of(log_term(hits, alpha * days) + log_term(days - hits, (1 - alpha) * days));
}

struct Transitions {
  f64 n00, n01, n10, n11;
};
inline Transitions transitions_of(const Hits& hits) {
  const i64 rises = hits.total - hits.first - hits.pairs, falls = hits.total - hits.last - hits.pairs;
  const i64 calm = hits.days - 1 - rises - falls - hits.pairs;
  return {static_cast<f64>(calm), static_cast<f64>(rises), static_cast<f64>(falls), static_cast<f64>(hits.pairs)};
}

inline f64 independence_ratio(const Transitions& n) {
  const f64 without = n.n00 + n.n01, with = n.n10 + n.n11, calm = n.n00 + n.n10, hit = n.n01 + n.n11, all = without + with;
  return ratio_of(log_term(n.n00, without * calm / all) + log_term(n.n01, without * hit / all) + log_term(n.n10, with * calm / all) +
                  log_term(n.n11, with * hit / all));
}

}  // namespace tickforge::TICKFORGE_ISA
