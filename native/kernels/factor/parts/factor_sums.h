// One cross-section of assets: who takes part with which weight, and the weighted sums a factor regression needs. Assets stand in runs of
// one sector, each filled up to whole vectors: sums of a sector are sums of vectors, and the order is made once for all dates with its
// sectors. Every column is gathered into that order once. A run takes its assets from one stretch of the columns, so that what is gathered
// from stays in the nearest cache. Gaps in the styles are not looked for: they show in the products, and the date is done again.
#pragma once
#include "linalg/covariance.h"
#include "kernels/parts/cross_section.h"
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr i64 section_chunk = 256;  // rows whose columns stay in the nearest cache
inline constexpr i64 dates_at_once = 4;    // that use the same exposures: these are read once for all of them

template <class T> struct Exposures {
  const T *cap, *weights, *styles;  // weights: of the least squares, null for the root of cap
  const i32* sector;
  const u8* universe;
};

// A value that cannot be used.
enum class Bad { none, cap, weights, styles, returns };
struct Finding {
  Bad what;
  i64 asset, style;
};

struct FactorSums {
  i64 assets, sectors, styles, stretches, runs, most, rows, record, used;
  f64 *base, *weight;                  // of each row: weight by exposures alone; with a return
  f64 *value, *spare;                  // of as many dates, `most` apart: return, 0 for who takes no part; room
  f64* cap;                            // of each row, where weights are not their roots
  f64* columns;                        // styles, `most` apart, 0 for who takes no part
  f64* tails;                          // room for percentiles
  i32 *asset, *row, *start, *taken;    // asset of each row, row of each asset, -1 for none; first row of each run; assets with a base
  f64* records;                        // [sector][record]: weight, cap, weighted styles
  f64* by_sector;                      // weighted returns by sector of each date
  f64* by_return;                      // weighted products of styles and returns of each date
  f64* products;                       // weighted products of styles i <= j at [i][j]
  f64* rest;                           // scratch of whoever solves

  FactorSums(i64 n, i64 sector_count, i64 style_count, f64* scratch)
      : assets(n), sectors(sector_count), styles(style_count), stretches(n / (1'024 + 64 * sectors) + 1), runs(stretches * sectors),
        most(round_up(n + 7 * (n < runs ? n : runs) + 8, 512) - 8), rows(0), record(style_count + 2), used(0) {
    while (reinterpret_cast<u64>(scratch) % 64 != 0) scratch++;
    // `most` is a line short of whole pages: a store is then never a few rows ahead of a load with the same place in its page.
    base = scratch, weight = base + most, value = weight + most, columns = value + dates_at_once * most;
    spare = columns + styles * most, cap = spare + dates_at_once * most, tails = cap + most;
    asset = reinterpret_cast<i32*>(tails + 2 * most + 16), row = asset + most, taken = row + most, start = taken + most;
    records = tails + 4 * most + 16 + runs / 2 + 1, by_sector = records + sectors * record, by_return = by_sector + dates_at_once * sectors;
    products = by_return + dates_at_once * styles, rest = products + styles * styles;
  }
};

// Rows of the assets: by stretch, then by sector, those without one nowhere.
inline void place_assets(FactorSums& s, const i32* sector) {
  const i64 length = (s.assets + s.stretches - 1) / s.stretches;
  const auto run_of = [&](i64 i) { return i / length * s.sectors + sector[i]; };
  for (i64 g = 0; g <= s.runs; g++) s.start[g] = 0;
  for (i64 i = 0; i < s.assets; i++)
    if (sector[i] >= 0) s.start[run_of(i) + 1]++;
  for (i64 g = 0; g < s.runs; g++) s.start[g + 1] = s.start[g] + static_cast<i32>(round_up(s.start[g + 1], 8));
  s.rows = s.start[s.runs];
  for (i64 i = 0; i < s.rows; i++) s.asset[i] = -1, s.weight[i] = 0;
  for (i64 i = 0; i < s.assets; i++) {
    s.row[i] = sector[i] < 0 ? -1 : s.start[run_of(i)]++;
    if (sector[i] >= 0) s.asset[s.row[i]] = static_cast<i32>(i);
  }
  for (i64 g = s.runs; g > 0; g--) s.start[g] = static_cast<i32>(round_up(s.start[g - 1], 8));
  s.start[0] = 0;
}

// Caps of those who have all exposures, NaN for the others, into `spare` in the order of the assets; or what is wrong with the exposures.
template <class T> Finding screen(FactorSums& s, const Exposures<T>& of) {
  f64* const cap = s.spare;
  for (i64 i = 0; i < s.assets; i++) cap[i] = 0;  // NaN where a style is NaN or infinite
  for (i64 k = 0; k < s.styles; k++)
    for (i64 i = 0; i < s.assets; i++) cap[i] += static_cast<f64>(of.styles[k * s.assets + i]) * 0.0;
  for (i64 i = 0; i < s.assets; i++) {
    const bool complete = cap[i] == 0;
    cap[i] = missing;
    if ((of.universe && !of.universe[i]) || of.sector[i] < 0 || of.cap[i] != of.cap[i] || (of.weights && of.weights[i] != of.weights[i])) continue;
    if (!(of.cap[i] > 0 && static_cast<f64>(of.cap[i]) <= largest)) return {Bad::cap, i, 0};
    if (of.weights && !(of.weights[i] > 0 && static_cast<f64>(of.weights[i]) <= largest)) return {Bad::weights, i, 0};
    if (complete) {
      cap[i] = static_cast<f64>(of.cap[i]);
      continue;
    }
    i64 infinite = -1;
    bool known = true;
    for (i64 k = s.styles - 1; k >= 0; k--) {
      const T x = of.styles[k * s.assets + i];
      known &= x == x;
      if (x == x && x * 0 != 0) infinite = k;
    }
    if (known) return {Bad::styles, i, infinite};
  }
  return {Bad::none, 0, 0};
}

// Weights, or roots of the caps, which are NaN for who takes no part; false where one cannot be used.
template <class T, class W> bool take_weights(FactorSums& s, const T* cap, const W* weights, const u8* universe) {
  const i32* const asset = s.asset;
  i32* const taken = s.taken;
  f64* const base = s.base;
  i64x8 wrong{};
  for (i64 i = 0, rows = s.rows; i < rows; i += 8) {
    f64x8 c = gather(cap, asset + i, broadcast<f64x8>(missing));
    __builtin_prefetch(cap + s.assets + i);  // of the next date
    if (universe)
      for (i64 l = 0; l < 8; l++)
        if (asset[i + l] >= 0 && !universe[asset[i + l]]) c[l] = missing;
    i64x8 usable = greater(c, 0) & less_equal(c, largest), number = is_number(c);
    if (weights) {
      const f64x8 w = gather(weights, asset + i, broadcast<f64x8>(missing));
      usable &= greater(w, 0) & less_equal(w, largest), number &= is_number(w);
      store(s.cap + i, select(usable, c)), store(base + i, select(usable, w));
    } else {
      store(base + i, square_root_or_zero(select(usable, c)));
    }
    wrong |= number & ~usable;
    i32x8 from;
    __builtin_memcpy(&from, asset + i, sizeof from);
    from |= ~__builtin_convertvector(usable, i32x8);
    __builtin_memcpy(taken + i, &from, sizeof from);
  }
  return !any(wrong);
}

// Weights of the assets that have a return, and the returns.
template <class T> Finding take_returns(FactorSums& s, const T* returns) {
  const i32* const taken = s.taken;
  const f64* const base = s.base;
  f64 *const weight = s.weight, *const value = s.value;
  i64x8 in_all{};
  f64x8 odd{};
  for (i64 i = 0, rows = s.rows; i < rows; i += 8) {
    const f64x8 y = gather(returns, taken + i, broadcast<f64x8>(missing));
    __builtin_prefetch(returns + s.assets + i);  // of the next date
    const i64x8 in = is_number(y);
    const f64x8 w = select(in, load<f64x8>(base + i)), kept = select(in, y);
    odd = multiply_add(kept, f64x8{}, odd);
    in_all += in;
    store(weight + i, w), store(value + i, kept);
  }
  s.used = count_set(in_all);
  if (reduce_add(odd) != 0)
    for (i64 i = 0; i < s.assets; i++)
      if (s.row[i] >= 0 && value[s.row[i]] * 0 != 0) return {Bad::returns, i, 0};
  return {Bad::none, 0, 0};
}

// Returns of a further date; false where another asset takes part than on the first, or a return cannot be used.
template <class T> bool take_more_returns(FactorSums& s, const T* returns, i64 date) {
  const i32* const taken = s.taken;
  const f64* const weight = s.weight;
  f64* const value = s.value + date * s.most;
  i64x8 differ{};
  for (i64 i = 0, rows = s.rows; i < rows; i += 8) {
    const f64x8 y = gather(returns, taken + i, broadcast<f64x8>(missing));
    __builtin_prefetch(returns + s.assets + i);  // of the next date
    const i64x8 in = greater(load<f64x8>(weight + i), 0);
    differ |= in ^ is_number(y);
    differ |= in & greater(abs(y), largest);
    store(value + i, select(in, y));
  }
  return !any(differ);
}

// Sums by sector of weights, weighted returns and caps. `own`: weights are not the roots of the caps.
inline void add_levels(FactorSums& s, bool own) {
  for (i64 i = 0; i < s.sectors * s.record; i++) s.records[i] = 0;
  for (i64 j = 0; j < s.sectors; j++) s.by_sector[j] = 0;
  for (i64 g = 0; g < s.runs; g++) {
    f64x8 weights{}, returns{}, caps{};
    for (i64 i = s.start[g], end = s.start[g + 1]; i < end; i += 8) {
      const f64x8 w = load<f64x8>(s.weight + i);
      weights += w, returns = multiply_add(w, load<f64x8>(s.value + i), returns);
      caps = own ? caps + select(greater(w, 0), load<f64x8>(s.cap + i)) : multiply_add(w, w, caps);
    }
    f64* const to = s.records + g % s.sectors * s.record;
    to[0] += reduce_add(weights), to[1] += reduce_add(caps), s.by_sector[g % s.sectors] += reduce_add(returns);
  }
}

// Takes in COUNT styles from k on and adds their sums by sector.
template <i64 COUNT, class T> void take_styles(FactorSums& s, const T* styles, i64 k) {
  const i64 assets = s.assets, most = s.most;
  const T* const from = styles + k * assets;
  f64* const to = s.columns + k * most;
  const f64* const weight = s.weight;
  const i32* const taken = s.taken;
  for (i64 g = 0; g < s.runs; g++) {
    f64x8 sums[COUNT] = {};
    for (i64 i = s.start[g], end = s.start[g + 1]; i < end; i += 8) {
      const f64x8 w = load<f64x8>(weight + i);
#pragma GCC unroll 4
      for (i64 c = 0; c < COUNT; c++) {
        const f64x8 x = gather(from + c * assets, taken + i, f64x8{});
        __builtin_prefetch(from + (COUNT + c) * assets + i);  // the columns that come next
        store(to + c * most + i, x);
        sums[c] = multiply_add(w, x, sums[c]);
      }
    }
    f64* const record = s.records + g % s.sectors * s.record + 2 + k;
#pragma GCC unroll 4
    for (i64 c = 0; c < COUNT; c++) record[c] += reduce_add(sums[c]);
  }
}
template <class T> void take_styles(FactorSums& s, const T* styles) {
  i64 k = 0;
  for (; k + 2 <= s.styles; k += 2) take_styles<2>(s, styles, k);
  if (k < s.styles) take_styles<1>(s, styles, k);
}

// sums[SIDE][SIDE] += w a_i b_j over `count` rows. DIAGONAL: a is b, only i <= j, and behind them the products with the returns y.
template <i64 SIDE, bool DIAGONAL>
[[gnu::always_inline]] inline void add_square(const f64* w, const f64* y, const f64* const* a, const f64* const* b, i64 count, f64x8* sums) {
  f64x8 s[SIDE][SIDE], by_return[SIDE] = {};
#pragma GCC unroll 8
  for (i64 i = 0; i < SIDE; i++)
#pragma GCC unroll 8
    for (i64 j = DIAGONAL ? i : 0; j < SIDE; j++) s[i][j] = sums[i * SIDE + j];
  for (i64 v = 0; v < count; v += 8) {
    f64x8 right[SIDE];
#pragma GCC unroll 8
    for (i64 j = 0; j < SIDE; j++) right[j] = load<f64x8>(b[j] + v);
#pragma GCC unroll 8
    for (i64 i = 0; i < SIDE; i++) {
      const f64x8 left = load<f64x8>(w + v) * (DIAGONAL ? right[i] : load<f64x8>(a[i] + v));
      if constexpr (DIAGONAL) by_return[i] = multiply_add(left, load<f64x8>(y + v), by_return[i]);
#pragma GCC unroll 8
      for (i64 j = DIAGONAL ? i : 0; j < SIDE; j++) s[i][j] = multiply_add(left, right[j], s[i][j]);
    }
  }
#pragma GCC unroll 8
  for (i64 i = 0; i < SIDE; i++) {
    if constexpr (DIAGONAL) sums[SIDE * SIDE + i] += by_return[i];
#pragma GCC unroll 8
    for (i64 j = DIAGONAL ? i : 0; j < SIDE; j++) sums[i * SIDE + j] = s[i][j];
  }
}

// Products of the styles with each other and with the returns, in squares: a stripe of them at a time, so that columns and sums stay near.
template <i64 SIDE> void add_products_of(FactorSums& s) {
  constexpr i64 stripe = 20;  // styles; squares of a stripe against all others up to it
  f64x8 sums[stripe * SIDE + SIDE];
  const auto columns = [&](i64 k, i64 from, const f64*(&at)[SIDE]) {
    for (i64 c = 0; c < SIDE; c++) at[c] = s.columns + (k + c < s.styles ? k + c : s.styles - 1) * s.most + from;
  };
  for (i64 j = 0; j < s.styles; j += SIDE)
    for (i64 first = 0; first <= j; first += stripe) {
      const i64 end = first + stripe < j + 1 ? first + stripe : j + 1;
      for (f64x8& sum : sums) sum = f64x8{};
      for (i64 from = 0; from < s.rows; from += section_chunk) {
        const i64 count = s.rows - from < section_chunk ? s.rows - from : section_chunk;
        const f64 *left[SIDE], *right[SIDE], *const w = s.weight + from, *const y = s.value + from;
        columns(j, from, right);
        for (i64 i = first; i < end; i += SIDE) {
          f64x8* const square = sums + (i - first) * SIDE;
          columns(i, from, left);
          if (i == j) add_square<SIDE, true>(w, y, right, right, count, square);
          else add_square<SIDE, false>(w, y, left, right, count, square);
        }
      }
      for (i64 i = first; i < end + SIDE - 1 && i < s.styles; i++) {
        const f64x8* const square = sums + (i - first) * SIDE;
        for (i64 k = 0; k < SIDE && j + k < s.styles; k++)
          if (i <= j + k) s.products[i * s.styles + j + k] = reduce_add(square[k]);
        if (i >= j) s.by_return[i] = reduce_add(sums[(j - first + SIDE) * SIDE + i - j]);
      }
    }
}
inline void add_products_of(FactorSums& s) {
  if (round_up(s.styles, 5) <= round_up(s.styles, 4)) add_products_of<5>(s);
  else add_products_of<4>(s);
}

// Products of WIDTH styles from k on with the returns of DATES dates: as many sums at once as hide that each waits for the one before it.
template <i64 DATES, i64 WIDTH> void add_returns_of(FactorSums& s, i64 date, i64 k) {
  const f64 *const weight = s.weight, *const value = s.value + date * s.most, *x[WIDTH];
  for (i64 c = 0; c < WIDTH; c++) x[c] = s.columns + (k + c < s.styles ? k + c : s.styles - 1) * s.most;
  const i64 most = s.most;
  f64x8 sums[WIDTH][DATES] = {};
  for (i64 i = 0, end = s.rows; i < end; i += 8) {
    const f64x8 w = load<f64x8>(weight + i);
#pragma GCC unroll 8
    for (i64 c = 0; c < WIDTH; c++) {
      const f64x8 left = w * load<f64x8>(x[c] + i);
#pragma GCC unroll 8
      for (i64 d = 0; d < DATES; d++) sums[c][d] = multiply_add(left, load<f64x8>(value + d * most + i), sums[c][d]);
    }
  }
  for (i64 c = 0; c < WIDTH && k + c < s.styles; c++)
    for (i64 d = 0; d < DATES; d++) s.by_return[(date + d) * s.styles + k + c] = reduce_add(sums[c][d]);
}

// Only what depends on the returns of DATES dates: weighted returns by sector, and their products with the styles.
template <i64 DATES> void add_returns(FactorSums& s, i64 date) {
  const f64* const weight = s.weight;
  for (i64 d = date; d < date + DATES; d++) {
    const f64* const value = s.value + d * s.most;
    f64* const by_sector = s.by_sector + d * s.sectors;
    for (i64 j = 0; j < s.sectors; j++) by_sector[j] = 0;
    for (i64 g = 0; g < s.runs; g++) {
      f64x8 sums{};
      for (i64 i = s.start[g], end = s.start[g + 1]; i < end; i += 8) sums = multiply_add(load<f64x8>(weight + i), load<f64x8>(value + i), sums);
      by_sector[g % s.sectors] += reduce_add(sums);
    }
  }
  constexpr i64 width = register_lanes == 8 || DATES == 1 ? 5 : 2;
  for (i64 k = 0; k < s.styles; k += width) add_returns_of<DATES, width>(s, date, k);
}

}  // namespace tickforge::TICKFORGE_ISA
