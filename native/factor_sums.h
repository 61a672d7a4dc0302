// One cross-section of assets: who takes part with which weight, and the weighted sums a factor regression needs. Assets come in
// blocks of eight, in the caller's order: a block inside one sector adds whole vectors to its sums, any other is turned, so that
// each asset adds one record to its sector. Sorting by sector would cost more than all of it.
#pragma once
#include "cross_section.h"
#include "transpose.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr i64 section_chunk = 128;  // assets whose columns stay in the nearest cache

template <class T> struct Exposures {
  const T *cap, *styles;
  const i32* sector;
  const u8* universe;
};

// A value that cannot be used.
enum class Bad { none, cap, styles, returns };
struct Finding {
  Bad what;
  i64 asset, style;
};

struct FactorSums {
  i64 assets, sectors, styles, rows, columns, record, blocks;
  f64 *base, *weight, *value, *spare;  // weights by exposures alone; with a return; returns, 0 for who takes no part
  i32* place;                          // sector, 0 for none
  f64* tails;                          // room for percentiles
  u8* alike;                           // of each block: all its assets lie in one sector
  f64 *left, *right;                   // weighted and plain columns of a chunk: styles, then the return
  f64 *vectors, *records;              // sums by sector: [record][8] and [record]: weight, weighted return, cap, weighted styles
  f64* tiles;                          // products of columns in tiles of 4 x 4 vectors
  f64* rest;                           // scratch of whoever solves

  FactorSums(i64 n, i64 sector_count, i64 style_count, f64* scratch)
      : assets(n), sectors(sector_count), styles(style_count), rows((n + 7) / 8 * 8), columns((style_count + 4) / 4 * 4),
        record((style_count + 10) / 8 * 8), blocks(rows / 8) {
    while (reinterpret_cast<u64>(scratch) % 64 != 0) scratch++;
    base = scratch, weight = base + rows, value = weight + rows, spare = value + rows;
    place = reinterpret_cast<i32*>(spare + rows), alike = reinterpret_cast<u8*>(place + rows);
    tails = spare + 2 * rows;
    left = tails + 2 * rows + 16, right = left + columns * section_chunk;
    vectors = right + columns * section_chunk, records = vectors + sectors * record * 8;
    tiles = records + sectors * record, rest = tiles + columns * columns * 8;
    for (i64 i = 0; i < 2 * columns * section_chunk; i++) left[i] = 0;
    for (i64 i = 0; i < rows; i++) base[i] = weight[i] = value[i] = 0;
  }
};

template <class T> [[gnu::always_inline]] inline V8 load_up_to(const T* p, i64 count) {
  if (count >= 8) return load8(p);
  V8 v{};
  for (i64 l = 0; l < count; l++) v[l] = static_cast<f64>(p[l]);
  return v;
}
[[gnu::always_inline]] inline V8 only(M8 mask, V8 v) { return mask ? v : V8{}; }
[[gnu::always_inline]] inline V8 sqrt8(V8 v) {
  f64 lanes[8];
  store8(lanes, v);
  for (i64 l = 0; l < 8; l++) lanes[l] = __builtin_sqrt(lanes[l]);
  return load8(lanes);
}

// One asset: its weight, or what is wrong with it.
template <class T> Finding weigh_asset(FactorSums& s, const Exposures<T>& of, i64 i) {
  const f64 cap = static_cast<f64>(of.cap[i]);
  s.base[i] = 0;
  if ((of.universe && !of.universe[i]) || of.sector[i] < 0 || cap != cap) return {Bad::none, 0, 0};
  if (!(cap > 0 && cap < __builtin_inf())) return {Bad::cap, i, 0};
  i64 infinite = -1;
  for (i64 k = s.styles - 1; k >= 0; k--) {
    const f64 x = static_cast<f64>(of.styles[k * s.assets + i]);
    if (x != x) return {Bad::none, 0, 0};
    if (x * 0 != 0) infinite = k;
  }
  if (infinite >= 0) return {Bad::styles, i, infinite};
  s.base[i] = __builtin_sqrt(cap);
  return {Bad::none, 0, 0};
}

// Ids of eight assets, 0 for none, and whether all are one.
inline void place_block(FactorSums& s, const i32* sector, i64 i, i64 count) {
  i32 other = 0;
  for (i64 l = 0; l < 8; l++) {
    const i32 id = sector[i + (l < count ? l : 0)];
    s.place[i + l] = id < 0 ? 0 : id;
  }
  for (i64 l = 1; l < 8; l++) other |= s.place[i + l] ^ s.place[i];
  s.alike[i / 8] = other == 0;
}

// Weights of B blocks from `i` on; `odd` is what it finds wrong.
template <i64 B, class T> [[gnu::always_inline]] inline Finding weigh_blocks(FactorSums& s, const Exposures<T>& of, i64 i) {
  V8 odd[B] = {};  // NaN where a value is NaN or infinite
  for (i64 k = 0; k < s.styles; k++)
    for (i64 b = 0; b < B; b++) odd[b] += load8(of.styles + k * s.assets + i + 8 * b) * 0.0;
  for (i64 b = 0; b < B; b++) {
    const i64 at = i + 8 * b;
    const V8 cap = load8(of.cap + at);
    typedef i32 I8 __attribute__((vector_size(32)));
    I8 sector;
    __builtin_memcpy(&sector, of.sector + at, sizeof sector);
    M8 in = (cap == cap) & (__builtin_convertvector(sector, M8) >= 0);
    if (of.universe) in &= inside8(of.universe + at);
    const M8 usable = in & (odd[b] == 0.0) & (cap > 0.0) & (cap <= largest);
    store8(s.base + at, sqrt8(only(usable, cap)));
    place_block(s, of.sector, at, 8);
    if (!any8(in & ~usable)) continue;
    for (i64 l = 0; l < 8; l++) {
      const Finding found = weigh_asset(s, of, at + l);
      if (found.what != Bad::none) return found;
    }
  }
  return {Bad::none, 0, 0};
}

// Weights of assets `from` to `to`, from the exposures alone.
template <class T> Finding weigh(FactorSums& s, const Exposures<T>& of, i64 from, i64 to) {
  Finding found{Bad::none, 0, 0};
  i64 i = from;
  for (; i + 32 <= to && i + 32 <= s.assets && found.what == Bad::none; i += 32) found = weigh_blocks<4>(s, of, i);
  for (; i + 8 <= to && i + 8 <= s.assets && found.what == Bad::none; i += 8) found = weigh_blocks<1>(s, of, i);
  if (i < to && found.what == Bad::none) place_block(s, of.sector, i, s.assets - i);
  for (; i < to && i < s.assets && found.what == Bad::none; i++) found = weigh_asset(s, of, i);
  return found;
}

// Weights of the assets that have a return, and the returns; `changed` is set where another asset takes part than before.
template <class T> Finding weigh_returns(FactorSums& s, const T* returns, i64 from, i64 to, bool& changed) {
  M8 differ{}, infinite{};
  for (i64 i = from; i < to; i += 8) {
    const V8 y = load_up_to(returns + i, s.assets - i), base = load8(s.base + i);
    const M8 in = (base > 0.0) & (y == y);
    const V8 w = only(in, base);
    differ |= w != load8(s.weight + i);
    infinite |= in & (y * 0.0 != 0.0);
    store8(s.weight + i, w);
    store8(s.value + i, only(in, y));
  }
  changed |= any8(differ);
  if (any8(infinite))
    for (i64 i = from; i < to; i++)
      if (s.weight[i] > 0 && s.value[i] * 0 != 0) return {Bad::returns, i, 0};
  return {Bad::none, 0, 0};
}

inline void clear_sums(FactorSums& s) {
  for (i64 i = 0; i < s.sectors * s.record * 9; i++) s.vectors[i] = 0;
  for (i64 i = 0; i < s.columns * s.columns * 8; i++) s.tiles[i] = 0;
}

// Adds the block at `i`, whose weighted columns lie at `columns`, to the sums of its sectors.
inline void add_block(FactorSums& s, i64 i, const f64* columns, V8 w) {
  const V8 wy = load8(columns + s.styles * section_chunk);
  if (s.alike[i / 8]) {
    f64* to = s.vectors + s.place[i] * s.record * 8;
    store8(to, load8(to) + w), store8(to + 8, load8(to + 8) + wy), store8(to + 16, load8(to + 16) + w * w);
    for (i64 k = 0; k < s.styles; k++) store8(to + 24 + 8 * k, load8(to + 24 + 8 * k) + load8(columns + k * section_chunk));
    return;
  }
  for (i64 group = 0; group < s.record; group += 8) {
    V8 r[8];
    for (i64 c = 0; c < 8; c++) {
      const i64 k = group + c - 3;
      r[c] = k >= 0 && k < s.styles ? load8(columns + k * section_chunk) : k == -3 ? w : k == -2 ? wy : k == -1 ? w * w : V8{};
    }
    transpose8(r);
    for (i64 l = 0; l < 8; l++) {
      f64* to = s.records + s.place[i + l] * s.record + group;
      store8(to, load8(to) + r[l]);
    }
  }
}

// sums[4][4] += a_i b_j over the vectors of a chunk.
inline void add_column_products(const f64* a, const f64* b, i64 count, f64* sums) {
  V8 s[16];
  for (i64 i = 0; i < 16; i++) s[i] = load8(sums + 8 * i);
  for (i64 v = 0; v < count; v += 8) {
    V8 x[4], y[4];
    for (i64 i = 0; i < 4; i++) x[i] = load8(a + i * section_chunk + v), y[i] = load8(b + i * section_chunk + v);
    for (i64 i = 0; i < 4; i++)
      for (i64 j = 0; j < 4; j++) s[4 * i + j] = multiply_add(x[i], y[j], s[4 * i + j]);
  }
  for (i64 i = 0; i < 16; i++) store8(sums + 8 * i, s[i]);
}

// Adds assets `from` to `to`, at most a chunk, to all sums.
template <class T> void add_assets(FactorSums& s, const T* styles, i64 from, i64 to) {
  f64 *last = s.right + s.styles * section_chunk - from, *weighted_last = s.left + s.styles * section_chunk - from;
  for (i64 k = 0; k < s.styles; k++) {
    const T* column = styles + k * s.assets;
    f64 *x = s.right + k * section_chunk - from, *wx = s.left + k * section_chunk - from;
    const auto take = [&](i64 i, V8 value) {
      const V8 w = load8(s.weight + i), kept = only(w > 0.0, value);
      store8(x + i, kept), store8(wx + i, w * kept);
    };
    i64 i = from;
    for (; i + 8 <= to && i + 8 <= s.assets; i += 8) take(i, load8(column + i));
    if (i < to) take(i, load_up_to(column + i, s.assets - i));
  }
  for (i64 i = from; i < to; i += 8) {
    const V8 w = load8(s.weight + i), y = load8(s.value + i);
    store8(last + i, y), store8(weighted_last + i, w * y);
    add_block(s, i, s.left + (i - from), w);
  }
  f64* tile = s.tiles;
  for (i64 j = 0; j < s.columns; j += 4)
    for (i64 i = 0; i <= j; i += 4, tile += 128)
      add_column_products(s.left + i * section_chunk, s.right + j * section_chunk, to - from, tile);
}

// Sum of the weighted products of columns i <= j.
inline f64 product_of(const FactorSums& s, i64 i, i64 j) {
  const i64 across = j / 4, tile = across * (across + 1) / 2 + i / 4;
  return sum8(load8(s.tiles + tile * 128 + (i % 4 * 4 + j % 4) * 8));
}

// The vectors of each sector are added to its record.
inline void close_sums(FactorSums& s) {
  for (i64 c = 0; c < s.sectors * s.record; c++) s.records[c] += sum8(load8(s.vectors + 8 * c));
}

// Only what depends on the returns: weighted returns by sector, and their products with the styles.
template <class T> void add_returns(FactorSums& s, const T* styles, f64* by_sector, f64* by_style) {
  for (i64 k = 0; k < s.sectors; k++) by_sector[k] = 0;
  for (i64 i = 0; i < s.rows; i += 8) {
    const V8 wy = load8(s.weight + i) * load8(s.value + i);
    store8(s.spare + i, wy);
    if (s.alike[i / 8]) {
      by_sector[s.place[i]] += sum8(wy);
    } else {
      for (i64 l = 0; l < 8; l++) by_sector[s.place[i + l]] += s.spare[i + l];
    }
  }
  for (i64 k = 0; k < s.styles; k += 4) {
    const i64 count = s.styles - k < 4 ? s.styles - k : 4, whole = s.assets / 8 * 8;
    const T* column[4];
    for (i64 c = 0; c < 4; c++) column[c] = styles + (k + (c < count ? c : 0)) * s.assets;
    V8 sums[4] = {};
    for (i64 i = 0; i < whole; i += 8) {
      const V8 wy = load8(s.spare + i);
      const M8 in = load8(s.weight + i) > 0.0;
      for (i64 c = 0; c < 4; c++) sums[c] = multiply_add(only(in, load8(column[c] + i)), wy, sums[c]);
    }
    for (i64 c = 0; c < count; c++) {
      for (i64 i = whole; i < s.assets; i++)
        if (s.weight[i] > 0) sums[c][i - whole] += static_cast<f64>(column[c][i]) * s.spare[i];
      by_style[k + c] = sum8(sums[c]);
    }
  }
}

}  // namespace tickforge::TICKFORGE_ISA
