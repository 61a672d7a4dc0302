// VaR and ES of a set of losses by selection: what src/kernels/risk/parts/tail.ts says of sorted losses, without sorting them.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

// As `quantiles` of src/kernels/risk/parts/tail.ts.
CHOICE(Quantile, linear, order, hazen, weibull, median_unbiased, lower, higher)
CHOICE(Tail, exact, beyond)
struct TailRule {
  f64 alpha;
  Quantile quantile;
  bool beyond;  // instead of the exact tail
};
struct RiskPair {
  f64 risk, shortfall;
};

inline constexpr f64 count_dust = 1e-9;  // counts that are whole but for rounding are whole
inline constexpr f64 least = -__builtin_huge_val();

// 1 - confidence without the dust of the subtraction.
inline f64 tail_probability(f64 confidence) { return __builtin_floor((1 - confidence) * 1e12 + 0.5) / 1e12; }
inline TailRule tail_rule(f64 confidence, Quantile quantile = Quantile::linear, Tail tail = Tail::exact) {
  return {tail_probability(confidence), quantile, tail == Tail::beyond};
}

inline i64 round_up(i64 count, i64 step) { return (count + step - 1) / step * step; }

enum class Keep { AT_LEAST, ABOVE, BELOW };
template <Keep K> inline auto passes(auto value, auto limit) {
  if constexpr (K == Keep::AT_LEAST) return value >= limit;
  else if constexpr (K == Keep::ABOVE) return value > limit;
  else return value < limit;
}

// The values that pass, in their order; `kept` may be `x` itself. It is written up to the next multiple of 8.
template <Keep K> inline i64 keep(const f64* x, i64 count, f64 limit, f64* kept) {
  i64 n = 0, i = 0;
#if defined(__AVX512F__)
  constexpr int compare = K == Keep::AT_LEAST ? _CMP_GE_OQ : K == Keep::ABOVE ? _CMP_GT_OQ : _CMP_LT_OQ;
  for (; i + 8 <= count; i += 8) {
    const __m512d v = _mm512_loadu_pd(x + i);
    const __mmask8 mask = _mm512_cmp_pd_mask(v, _mm512_set1_pd(limit), compare);
    _mm512_storeu_pd(kept + n, _mm512_maskz_compress_pd(mask, v));
    n += __builtin_popcount(mask);
  }
#endif
  for (; i < count; i++) {
    const f64 value = x[i];
    kept[n] = value;
    n += passes<K>(value, limit);
  }
  return n;
}

// The k-th largest of at most 96 values, each ranked by counting those above it and, of equal ones, those in front of it. Room up to
// the next multiple of 8 is needed.
inline f64 ranked(f64* x, i64 count, i64 k) {
  const i64 padded = round_up(count, 8);
  for (i64 i = count; i < padded; i++) x[i] = least;
  for (i64 i = 0; i < padded; i += 8) {
    const f64x8 mine = load<f64x8>(x + i);
    i64x8 ahead{};
    for (i64 j = 0; j < i; j++) ahead -= greater_equal(broadcast<f64x8>(x[j]), mine);
    for (i64 j = i; j < i + 8; j++) {
      const f64x8 other = broadcast<f64x8>(x[j]);
      ahead -= greater(other, mine) | (equal(other, mine) & greater(i64x8{0, 1, 2, 3, 4, 5, 6, 7}, broadcast<i64x8>(j - i)));
    }
    for (i64 j = i + 8; j < padded; j++) ahead -= greater(broadcast<f64x8>(x[j]), mine);
    const i64x8 hit = equal(ahead, broadcast<i64x8>(k - 1));
    if (!any(hit)) continue;
    for (i64 lane = 0; lane < 8; lane++)
      if (hit[lane]) return mine[lane];
  }
  return __builtin_nan("");
}

// Order of f64 as order of integers, for halving what lies between two values.
inline i64 place_of(f64 x) {
  const i64 bits = __builtin_bit_cast(i64, x);
  return bits < 0 ? static_cast<i64>(0x8000000000000000u) - bits : bits;
}
inline f64 at_place(i64 place) { return __builtin_bit_cast(f64, place < 0 ? static_cast<i64>(0x8000000000000000u) - place : place); }

// The rank-th largest of 32 values taken at even distances.
inline f64 sampled(const f64* x, i64 count, i64 rank) {
  f64 some[32];
  for (i64 i = 0; i < 32; i++) some[i] = x[i * count / 32];
  return ranked(some, 32, rank < 1 ? 1 : rank < 32 ? rank : 32);
}

// A value on that side of the k-th largest from which little is left between the two.
inline f64 sampled_pivot(const f64* x, i64 count, i64 k) { return sampled(x, count, 32 * k / count + (2 * k <= count ? 2 : -1)); }

// A value that most likely at least k reach, and not many more.
inline f64 likely_reached_by(const f64* x, i64 count, i64 k) {
  const f64 expected = 32.0 * static_cast<f64>(k) / static_cast<f64>(count);
  return sampled(x, count, static_cast<i64>(expected + 2.0 * __builtin_sqrt(expected)) + 2);
}

// Half way between the smallest and the largest in the order of bits: after 64 of these nothing is left between.
inline f64 halving_pivot(const f64* x, i64 count) {
  f64 low = x[0], high = x[0];
  for (i64 i = 1; i < count; i++) low = x[i] < low ? x[i] : low, high = x[i] > high ? x[i] : high;
  const i64 a = place_of(low), b = place_of(high);
  return at_place((a >> 1) + (b >> 1) + (a & b & 1));
}

// The k-th largest of finite values, which are thinned out on the way.
inline f64 kth_largest(f64* x, i64 count, i64 k) {
  for (int round = 0; count > 64; round++) {
    const f64 pivot = round < 24 ? sampled_pivot(x, count, k) : halving_pivot(x, count);
    i64 above = 0, level = 0, i = 0;
    i64x8 a{}, l{};
    for (; i + 8 <= count; i += 8) a += greater(load<f64x8>(x + i), pivot), l += greater_equal(load<f64x8>(x + i), pivot);
    for (; i < count; i++) above += x[i] > pivot, level += x[i] >= pivot;
    above += count_set(a), level += count_set(l);
    if (k <= above) count = keep<Keep::ABOVE>(x, count, pivot, x);
    else if (k <= level) return pivot;
    else k -= level, count = keep<Keep::BELOW>(x, count, pivot, x);
  }
  return ranked(x, count, k);
}

// A value that at least k of x reach: the k-th largest of the maxima of columns. x has a length of whole vectors.
inline f64 reached_by(const f64* x, i64 padded, i64 k) {
  constexpr i64 most = 12;
  i64 vectors = (k + k / 2 + 7) / 8;
  vectors = vectors < most ? vectors : most;
  f64x8 top[most];
  for (i64 v = 0; v < vectors; v++) top[v] = load<f64x8>(x + 8 * v);
  for (i64 i = 8 * vectors; i < padded; i += 8 * vectors)
    for (i64 v = 0; v < vectors && i + 8 * v < padded; v++) {
      const f64x8 next = load<f64x8>(x + i + 8 * v);
      top[v] = max(next, top[v]);
    }
  f64 maxima[8 * most];
  for (i64 v = 0; v < vectors; v++) store(maxima + 8 * v, top[v]);
  return ranked(maxima, 8 * vectors, k);
}

// Around the place `worse` in falling order, counted from 0: the loss there, its neighbours, and the sum of those before.
struct Border {
  f64 before, at, after, sum;
};
inline Border border_at(const f64* x, i64 padded, i64 worse, f64 at) {
  f64x8 sums{}, before = broadcast<f64x8>(-least), after = broadcast<f64x8>(least);
  i64x8 above{}, level{};
  for (i64 i = 0; i < padded; i += 8) {
    const f64x8 v = load<f64x8>(x + i);
    const i64x8 over = greater(v, at), under = less(v, at);
    sums += select(over, v);
    before = select(over & less(v, before), v, before);
    after = select(under & greater(v, after), v, after);
    above += over;
    level -= under + 1;
  }
  const i64 worst = count_set(above), reaching = count_set(level);
  f64 next = least, last = -least;
  for (i64 lane = 0; lane < 8; lane++) next = after[lane] > next ? after[lane] : next, last = before[lane] < last ? before[lane] : last;
  return {worse > worst ? at : last, at, worse + 1 < reaching || next == least ? at : next, reduce_add(sums) + static_cast<f64>(worse - worst) * at};
}

inline f64 mean_at_least(const f64* x, i64 padded, f64 limit) {
  f64x8 sums{};
  i64x8 reaching{};
  for (i64 i = 0; i < padded; i += 8) {
    const f64x8 v = load<f64x8>(x + i);
    const i64x8 in = greater_equal(v, limit);
    sums += select(in, v);
    reaching += in;
  }
  return reduce_add(sums) / static_cast<f64>(count_set(reaching));
}

// How deep the tail of `count` losses is, and the risk at its border.
struct Depth {
  i64 whole;  // losses wholly in the tail
  f64 part;   // share of the next
};
inline Depth depth_of(const TailRule& rule, i64 count) {
  const f64 tail = rule.alpha * static_cast<f64>(count);
  const i64 whole = static_cast<i64>(__builtin_floor(tail + count_dust));
  const f64 part = tail - static_cast<f64>(whole);
  return {whole, part > count_dust ? part : 0};
}

// A quantile between two losses, the second the smaller.
struct Between {
  f64 low, next, share;
  f64 value() const { return low + share * (next - low); }
};
// Its place among falling losses, counted from 0: by every method at that of the border or one beside it.
inline f64 place_of_quantile(const TailRule& rule, i64 count) {
  const f64 alpha = rule.alpha, n = static_cast<f64>(count), linear = alpha * (n - 1);
  switch (rule.quantile) {
    case Quantile::linear: return linear;
    case Quantile::order: return __builtin_ceil(alpha * n - count_dust) - 1;
    case Quantile::hazen: return alpha * n - 0.5;
    case Quantile::weibull: return alpha * (n + 1) - 1;
    case Quantile::median_unbiased: return alpha * n + (alpha - 2) / 3;
    case Quantile::lower: return __builtin_floor(linear + count_dust);
    case Quantile::higher: return __builtin_ceil(linear - count_dust);
  }
  return linear;
}
inline Between quantile_at(const TailRule& rule, const Depth& depth, i64 count, const Border& border) {
  const f64 found = place_of_quantile(rule, count), place = found > 0 ? found : 0;
  const i64 below = static_cast<i64>(__builtin_floor(place + count_dust));
  const f64 share = place > static_cast<f64>(below) ? place - static_cast<f64>(below) : 0;
  if (below < depth.whole) return {border.before, border.at, share};
  return {below == depth.whole ? border.at : border.after, border.after, share};
}

inline f64 exact_mean(const Depth& depth, const Border& border) {
  if (depth.whole == 0) return border.at;
  return (border.sum + depth.part * border.at) / (static_cast<f64>(depth.whole) + depth.part);
}

// `padded` is a multiple of 8.
inline bool all_finite(const f64* x, i64 padded) {
  f64x8 a{}, b{}, c{}, d{};  // sums apart, so that none waits for the one before
  i64 i = 0;
  for (; i + 32 <= padded; i += 32) {
    a += load<f64x8>(x + i) * 0.0, b += load<f64x8>(x + i + 8) * 0.0;
    c += load<f64x8>(x + i + 16) * 0.0, d += load<f64x8>(x + i + 24) * 0.0;
  }
  for (; i < padded; i += 8) a += load<f64x8>(x + i) * 0.0;
  return reduce_add((a + b) + (c + d)) == 0;
}

// The border of the tail, and where the losses are that reach the one behind it.
struct Found {
  bool finite;
  Depth depth;
  Border border;
  const f64* from;
  i64 left;
};
// `losses` and `scratch` have room for count + 8.
inline Found find_tail(f64* losses, i64 count, const TailRule& rule, f64* scratch) {
  const i64 padded = round_up(count, 8);
  for (i64 i = count; i < padded; i++) losses[i] = 0;
  if (count == 0 || !all_finite(losses, padded)) return {};
  for (i64 i = count; i < padded; i++) losses[i] = least;

  const Depth depth = depth_of(rule, count);
  const f64* from = losses;
  i64 left = padded;
  const i64 needed = depth.whole + 2;
  if (count >= 256 && 4 * needed <= count) {
    const f64 limit = needed <= 64 ? reached_by(losses, padded, needed) : likely_reached_by(losses, count, needed);
    i64 kept = keep<Keep::AT_LEAST>(losses, padded, limit, scratch);
    if (kept >= needed) {  // a sample may mislead
      for (left = round_up(kept, 8); kept < left; kept++) scratch[kept] = least;
      from = scratch, scratch += left;
    }
  }
  __builtin_memcpy(scratch, from, static_cast<size_t>(left) * sizeof(f64));
  return {true, depth, border_at(from, left, depth.whole, kth_largest(scratch, left, depth.whole + 1)), from, left};
}

// NaN where a loss is not finite.
inline RiskPair tail_risk(f64* losses, i64 count, const TailRule& rule, f64* scratch) {
  const Found found = find_tail(losses, count, rule, scratch);
  if (!found.finite) return {__builtin_nan(""), __builtin_nan("")};
  const f64 risk = quantile_at(rule, found.depth, count, found.border).value();
  return {risk, rule.beyond ? mean_at_least(found.from, found.left, risk) : exact_mean(found.depth, found.border)};
}

// The same of losses in falling order, finite and at least one.
inline RiskPair sorted_tail_risk(const f64* falling, i64 count, const TailRule& rule) {
  const Depth depth = depth_of(rule, count);
  f64x8 sums{};
  f64 rest = 0;
  i64 i = 0;
  for (; i + 8 <= depth.whole; i += 8) sums += load<f64x8>(falling + i);
  for (; i < depth.whole; i++) rest += falling[i];
  const i64 worse = depth.whole, last = count - 1;
  const Border border{falling[worse > 0 ? worse - 1 : 0], falling[worse], falling[worse < last ? worse + 1 : last], reduce_add(sums) + rest};
  const f64 risk = quantile_at(rule, depth, count, border).value();
  if (!rule.beyond) return {risk, exact_mean(depth, border)};
  f64 sum = border.sum;
  i64 reaching = depth.whole;  // the risk is never above the loss before the border
  for (; reaching < count && falling[reaching] >= risk; reaching++) sum += falling[reaching];
  return {risk, sum / static_cast<f64>(reaching)};
}

}  // namespace tickforge::TICKFORGE_ISA
