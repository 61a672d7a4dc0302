// One cross-section of assets: who takes part with which weight, and the weighted sums a factor regression needs. Assets come in
// blocks of eight, in the caller's order: a block inside one sector adds whole vectors to its sums, any other is turned, so that
// each asset adds one record to its sector. Sorting by sector would cost more than all of it.
#pragma once
#include "simd.h"

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
    left = spare + 2 * rows, right = left + columns * section_chunk;
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

// Weights of assets `from` to `to`, from the exposures alone.
template <class T> Finding weigh(FactorSums& s, const Exposures<T>& of, i64 from, i64 to) {
  for (i64 i = from; i < to; i += 8) {
    const i64 count = s.assets - i < 8 ? s.assets - i : 8;
    bool one_by_one = count < 8;
    if (!one_by_one) {
      const V8 cap = load8(of.cap + i);
      V8 odd = cap * 0.0;  // NaN where a value is NaN or infinite
      for (i64 k = 0; k < s.styles; k++) odd += load8(of.styles + k * s.assets + i) * 0.0;
      M8 in = cap == cap;
      i32 sector[8];
      __builtin_memcpy(sector, of.sector + i, sizeof sector);
      M8 id;
      for (i64 l = 0; l < 8; l++) id[l] = sector[l];
      in &= id >= 0;
      if (of.universe) {
        M8 member;
        for (i64 l = 0; l < 8; l++) member[l] = of.universe[i + l];
        in &= member != 0;
      }
      const M8 usable = in & (odd == 0.0) & (cap > 0.0);
      one_by_one = any8(in & ~usable);
      store8(s.base + i, sqrt8(only(usable, cap)));
    }
    for (i64 l = 0; one_by_one && l < count; l++) {
      const Finding found = weigh_asset(s, of, i + l);
      if (found.what != Bad::none) return found;
    }
    bool same = true;
    for (i64 l = 0; l < count; l++) {
      const i32 id = of.sector[i + l];
      s.place[i + l] = id < 0 ? 0 : id;
      same &= s.place[i + l] == s.place[i];
    }
    for (i64 l = count; l < 8; l++) s.place[i + l] = s.place[i];
    s.alike[i / 8] = same;
  }
  return {Bad::none, 0, 0};
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
    for (i64 i = from; i < s.assets; i++)
      if (s.weight[i] > 0 && s.value[i] * 0 != 0) return {Bad::returns, i, 0};
  return {Bad::none, 0, 0};
}

inline void clear_sums(FactorSums& s) {
  for (i64 i = 0; i < s.sectors * s.record * 9; i++) s.vectors[i] = 0;
  for (i64 i = 0; i < s.columns * s.columns * 8; i++) s.tiles[i] = 0;
}

// Rows become columns: eight columns of eight assets are eight records.
[[gnu::always_inline]] inline void transpose8(V8 (&r)[8]) {
  V8 t[8], u[8];
  for (i64 k = 0; k < 8; k += 2) {
    t[k] = __builtin_shufflevector(r[k], r[k + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    t[k + 1] = __builtin_shufflevector(r[k], r[k + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (i64 k = 0; k < 8; k += 4)
    for (i64 j = 0; j < 2; j++) {
      u[k + j] = __builtin_shufflevector(t[k + j], t[k + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      u[k + j + 2] = __builtin_shufflevector(t[k + j], t[k + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (i64 k = 0; k < 4; k++) {
    r[k] = __builtin_shufflevector(u[k], u[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[k + 4] = __builtin_shufflevector(u[k], u[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
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
  for (i64 i = from; i < to; i += 8) {
    const V8 w = load8(s.weight + i), y = load8(s.value + i);
    const M8 in = w > 0.0;
    f64 *x = s.right + (i - from), *wx = s.left + (i - from);
    for (i64 k = 0; k < s.styles; k++) {
      const V8 value = only(in, load_up_to(styles + k * s.assets + i, s.assets - i));
      store8(x + k * section_chunk, value);
      store8(wx + k * section_chunk, w * value);
    }
    store8(x + s.styles * section_chunk, y);
    store8(wx + s.styles * section_chunk, w * y);
    add_block(s, i, wx, w);
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
    const i64 count = s.styles - k < 4 ? s.styles - k : 4;
    const T* column[4];
    for (i64 c = 0; c < 4; c++) column[c] = styles + (k + (c < count ? c : 0)) * s.assets;
    V8 sums[4] = {};
    for (i64 i = 0; i < s.rows; i += 8) {
      const V8 wy = load8(s.spare + i);
      const M8 in = load8(s.weight + i) > 0.0;
      for (i64 c = 0; c < 4; c++) sums[c] = multiply_add(only(in, load_up_to(column[c] + i, s.assets - i)), wy, sums[c]);
    }
    for (i64 c = 0; c < count; c++) by_style[k + c] = sum8(sums[c]);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
