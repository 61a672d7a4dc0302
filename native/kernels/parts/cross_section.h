// One date of a panel: which values count, percentiles by selection, means and deviations.
#pragma once
#include "tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

// Whether weights count in the mean alone, or in the deviation too.
CHOICE(Weighting, mean, both)

inline constexpr f64 largest = 0x1.fffffffffffffp1023;
inline constexpr f64 missing = __builtin_nan("");

// What belongs to the estimation: finite values of the universe with a finite weight > 0.
template <class T, class W = T> struct Section {
  const T* values;
  const u8* universe;  // null: all
  const W* weights;    // null: equal
  i64 assets;
};

// Its values, NaN for all others, up to whole vectors; returns how many there are.
template <bool UNIVERSE, bool WEIGHTS, class T, class W> inline i64 take_section(const Section<T, W>& s, f64* to) {
  i64x8 in_all{};
  i64 i = 0, rest = 0;
  for (; i + 8 <= s.assets; i += 8) {
    const f64x8 v = load<f64x8>(s.values + i);
    i64x8 in = less_equal(abs(v), largest);
    if constexpr (UNIVERSE) in &= load_mask(s.universe + i);
    if constexpr (WEIGHTS) in &= greater(load<f64x8>(s.weights + i), 0) & less_equal(load<f64x8>(s.weights + i), largest);
    store(to + i, select(in, v, missing));
    in_all += in;
  }
  for (; i < s.assets; i++) {
    const f64 v = static_cast<f64>(s.values[i]);
    bool in = __builtin_fabs(v) <= largest;
    if constexpr (UNIVERSE) in &= s.universe[i] != 0;
    if constexpr (WEIGHTS) in &= s.weights[i] > 0 && static_cast<f64>(s.weights[i]) <= largest;
    to[i] = in ? v : missing;
    rest += in;
  }
  for (; i % 8; i++) to[i] = missing;
  return rest + count_set(in_all);
}
template <class T, class W> inline i64 take_section(const Section<T, W>& s, f64* to) {
  if (s.universe) return s.weights ? take_section<true, true>(s, to) : take_section<true, false>(s, to);
  return s.weights ? take_section<false, true>(s, to) : take_section<false, false>(s, to);
}

struct Bounds {
  f64 low, high;
};
struct Neighbours {
  f64 at, next;
};

// Of the values that reach `at`, the k-th largest: itself and the one behind it.
inline Neighbours neighbours(const f64* x, i64 count, f64 at, i64 k) {
  i64 level = 0;
  f64 next = least;
  for (i64 i = 0; i < count; i++) {
    level += x[i] >= at;
    next = x[i] < at && x[i] > next ? x[i] : next;
  }
  return {at, level > k || next == least ? at : next};
}

// The k-th largest of finite values and the one behind it; `scratch` has room for count + 8.
inline Neighbours select_pair(f64* x, i64 count, i64 k, f64* scratch) {
  if (count <= 64) return neighbours(x, count, ranked(x, count, k), k);
  __builtin_memcpy(scratch, x, static_cast<size_t>(count) * sizeof(f64));
  return neighbours(x, count, kth_largest(scratch, count, k), k);
}

// A value that k values reach, and one that k do not exceed: k-th of the extremes of columns, 8 a vector. NaN is passed over.
template <int VECTORS> inline Bounds reached(const f64* x, i64 padded, i64 k) {
  f64x8 top[VECTORS], bottom[VECTORS];
  for (int v = 0; v < VECTORS; v++) top[v] = broadcast<f64x8>(least), bottom[v] = broadcast<f64x8>(-least);
  i64 i = 0;
  for (; i + 8 * VECTORS <= padded; i += 8 * VECTORS)
    for (int v = 0; v < VECTORS; v++) {
      const f64x8 next = load<f64x8>(x + i + 8 * v);
      top[v] = max(next, top[v]);
      bottom[v] = min(next, bottom[v]);
    }
  for (int v = 0; i < padded; i += 8, v++) {
    const f64x8 next = load<f64x8>(x + i);
    top[v] = max(next, top[v]);
    bottom[v] = min(next, bottom[v]);
  }
  f64 extremes[8 * VECTORS];
  for (int v = 0; v < VECTORS; v++) store(extremes + 8 * v, top[v]);
  const f64 high = ranked(extremes, 8 * VECTORS, k);
  for (int v = 0; v < VECTORS; v++) store(extremes + 8 * v, -bottom[v]);
  return {-ranked(extremes, 8 * VECTORS, k), high};
}

struct Tails {
  i64 tops, bottoms;
};
// Values that reach the high bound, and those that do not exceed the low one, these with their sign turned.
inline Tails keep_tails(const f64* x, i64 padded, const Bounds& b, f64* top, f64* bottom) {
  Tails n{0, 0};
#if defined(__AVX512F__)
  i64 count = 0;  // both together first: no branch can foresee where they lie
  for (i64 i = 0; i < padded; i += 8) {
    const __m512d v = _mm512_loadu_pd(x + i);
    const __mmask8 out = _mm512_cmp_pd_mask(v, _mm512_set1_pd(b.high), _CMP_GE_OQ) | _mm512_cmp_pd_mask(v, _mm512_set1_pd(b.low), _CMP_LE_OQ);
    _mm512_storeu_pd(top + count, _mm512_maskz_compress_pd(out, v));
    count += __builtin_popcount(out);
  }
  for (i64 i = 0; i < count; i += 8) {
    const __m512d v = _mm512_loadu_pd(top + i);
    const __mmask8 some = static_cast<__mmask8>(count - i < 8 ? (1 << (count - i)) - 1 : 255);
    const __mmask8 high = _mm512_mask_cmp_pd_mask(some, v, _mm512_set1_pd(b.high), _CMP_GE_OQ), low = some & ~high;
    _mm512_storeu_pd(top + n.tops, _mm512_maskz_compress_pd(high, v));
    _mm512_storeu_pd(bottom + n.bottoms, _mm512_maskz_compress_pd(low, _mm512_sub_pd(_mm512_set1_pd(-0.0), v)));
    n.tops += __builtin_popcount(high), n.bottoms += __builtin_popcount(low);
  }
#else
  for (i64 i = 0; i < padded; i++) {
    const f64 v = x[i];
    top[n.tops] = v, bottom[n.bottoms] = -v;
    n.tops += v >= b.high, n.bottoms += v <= b.low;
  }
#endif
  return n;
}

// Percentiles `tail` and 1 - `tail` of the `count` values of x that are not NaN; NaN where there are none. `scratch` has room for
// twice the padded length and 16.
[[gnu::noinline]] inline Bounds tail_bounds(const f64* x, i64 padded, i64 count, f64 tail, f64* scratch) {
  if (count == 0) return {missing, missing};
  const f64 place = static_cast<f64>(count - 1) * tail, below = __builtin_floor(place), part = place - below;
  const i64 k = static_cast<i64>(below) + 1, reach = k + 1 < count ? k + 1 : count;
  f64 *kept = scratch, *other = scratch + padded + 8;
  Bounds limits{-least, least};  // all
  if (count >= 256 && reach <= 10) limits = reached<2>(x, padded, reach);
  else if (count >= 256 && reach <= 34) limits = reached<6>(x, padded, reach);
  else if (count >= 512 && reach <= 66) limits = reached<12>(x, padded, reach);
  const auto at = [=](const Neighbours& n) { return n.at + (n.next - n.at) * part; };
  if (limits.low < limits.high) {
    const Tails n = keep_tails(x, padded, limits, kept, other);
    if (n.tops <= 64 && n.bottoms <= 64) {
      const f64 high = at(neighbours(kept, n.tops, ranked(kept, n.tops, k), k));
      return {-at(neighbours(other, n.bottoms, ranked(other, n.bottoms, k), k)), high};
    }
  }
  i64 n = keep<Keep::AT_LEAST>(x, padded, -largest, kept);
  const f64 high = at(select_pair(kept, n, k, other));
  for (i64 i = 0; i < n; i++) kept[i] = -kept[i];
  return {-at(select_pair(kept, n, k, other)), high};
}

inline f64 clipped(f64 x, const Bounds& b) { return x < b.low ? b.low : x > b.high ? b.high : x; }
inline f64x8 clipped(f64x8 x, const Bounds& b) { return min(b.high, max(b.low, x)); }

struct Spread {
  f64 mean, scale;  // scale: 1 / deviation, NaN where that is not defined
  f64 total;        // of the weights
};
inline constexpr f64 alike = 0x1p-44;  // a deviation below this share of the mean is rounding

// Mean and deviation (ddof 1) of the values that are not NaN, each about a value in their midst, so that equal ones have none.
// `weight(i)` gives the weights of eight values; NaN values count for nothing.
template <bool WEIGHTS, class Weight, class Value>
[[gnu::always_inline]] inline Spread spread_about(f64 centre, i64 padded, i64 count, bool both, Weight weight, Value value) {
  struct Sums {
    f64x8 totals{}, firsts{}, plain{}, seconds{}, plain_seconds{};
  } even, odd;  // of vectors in turn: a sum waits for the one before it
  const auto add = [&](i64 i, Sums& to) {
    const f64x8 v = value(i) - centre;
    const i64x8 in = is_number(v);
    const f64x8 d = select(in, v);
    to.plain += d, to.plain_seconds += d * d;
    if constexpr (WEIGHTS) {
      const f64x8 w = select(in, weight(i)), wd = w * d;
      to.totals += w, to.firsts += wd, to.seconds += wd * d;
    }
  };
  i64 i = 0;
  for (; i + 16 <= padded; i += 16) add(i, even), add(i + 8, odd);
  if (i < padded) add(i, even);
  const f64x8 totals = even.totals + odd.totals, firsts = even.firsts + odd.firsts, plain = even.plain + odd.plain,
              seconds = even.seconds + odd.seconds, plain_seconds = even.plain_seconds + odd.plain_seconds;
  const f64 n = static_cast<f64>(count), total = reduce_add(totals), plain_shift = reduce_add(plain) / n;
  const f64 shift = WEIGHTS ? reduce_add(firsts) / total : plain_shift, middle = both ? shift : plain_shift;
  const f64 mean_square = both ? reduce_add(seconds) / total : reduce_add(plain_seconds) / n;
  const f64 variance = (mean_square - middle * middle) * n / (n - 1);
  const f64 rounding = alike * (centre + middle);
  return {centre + shift, variance > rounding * rounding && variance <= largest ? 1 / __builtin_sqrt(variance) : missing, total};
}

// A row through a function of eight values.
template <class T, class X, class Each> [[gnu::always_inline]] inline void each_value(const T* x, i64 count, X* out, Each each) {
  i64 i = 0;
  for (; i + 8 <= count; i += 8) store(out + i, each(load<f64x8>(x + i)));
  if (i < count) store_first(out + i, each(load_first(x + i, count - i)), count - i);
}

template <class T, class W, class Value>
inline Spread spread_of(const Section<T, W>& s, f64 centre, i64 padded, i64 count, bool both, Value value) {
  const W* const weights = s.weights;
  const i64 assets = s.assets;
  const auto weighted = [&](f64 unit) {
    return spread_about<true>(centre, padded, count, both, [=](i64 i) { return load_first(weights + i, assets - i) * unit; }, value);
  };
  if (weights) {
    const Spread found = weighted(1);
    return found.total < 0x1p-500 ? weighted(0x1p600) : found;  // products with small values would be below all numbers
  }
  return spread_about<false>(centre, padded, count, false, [](i64) { return broadcast<f64x8>(1); }, value);
}

// A row that a kernel computed, as it goes out.
template <class X> inline void write_row(const f64* row, i64 assets, X* out) {
  for (i64 i = 0; i < assets; i++) out[i] = static_cast<X>(row[i]);
}

// f64 values of scratch for the scores of one date.
inline i64 score_scratch(i64 assets) { return 3 * (assets + 16); }

// Exposures of one date: clipped to the percentiles, less the mean, over the deviation. `scratch` has room for three times the
// padded length and 16.
template <class T, class W, class X> inline void style_score_of(const Section<T, W>& s, f64 tail, bool both, f64* scratch, X* out) {
  const i64 padded = round_up(s.assets, 8), count = take_section(s, scratch);
  const Bounds bounds = tail_bounds(scratch, padded, count, tail, scratch + padded);
  const f64* const inside = scratch;
  // Between the bounds lie all values, so a sum of squares about their middle loses nothing to speak of.
  const Spread spread =
      spread_of(s, 0.5 * bounds.low + 0.5 * bounds.high, padded, count, both, [=](i64 i) { return clipped(load<f64x8>(inside + i), bounds); });
  const f64 mean = spread.mean, scale = spread.scale;
  each_value(s.values, s.assets, out, [=](f64x8 x) { return (clipped(x, bounds) - mean) * scale; });
}

// The same of a row that a kernel computed for `date` of its call.
template <class T, class X>
inline void style_score_date(const f64* raw, OptionalIn<T> weights, OptionalIn<u8> universe, i64 date, i64 assets, f64 tail, Weighting weighting,
                             f64* scratch, X* out) {
  const i64 at = date * assets;
  const Section<f64, T> section{raw, universe ? universe.data + at : nullptr, weights ? weights.data + at : nullptr, assets};
  style_score_of(section, tail, weighting == Weighting::both, scratch, out + at);
}

// One date's z-scores of a row that a kernel computed, nothing clipped; `inside` has room for the padded length.
template <class X> inline void standardize_row(const f64* x, const u8* universe, i64 assets, f64* inside, X* z) {
  const i64 padded = round_up(assets, 8);
  const Section<f64> section{x, universe, nullptr, assets};
  const i64 count = take_section(section, inside);
  i64 first = 0;
  while (first < padded - 1 && !(inside[first] == inside[first])) first++;
  const auto value = [=](i64 i) { return load<f64x8>(inside + i); };
  const f64 mean = spread_of(section, inside[first], padded, count, false, value).mean;
  const f64 scale = spread_of(section, mean, padded, count, false, value).scale;
  for (i64 i = 0; i < assets; i++) z[i] = static_cast<X>((x[i] - mean) * scale);
}

}  // namespace tickforge::TICKFORGE_ISA
