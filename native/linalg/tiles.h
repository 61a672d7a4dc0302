// Matrix products in own tiles held in registers: the policy of linalg.h wherever no vendor library stands behind it.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

// Columns of a panel and rows of a tile: as many sums as there are registers for.
#if defined(__AVX512F__)
inline constexpr i64 panel_vectors = 3, tile_rows = 8;
#else
inline constexpr i64 panel_vectors = 1, tile_rows = 4;
#endif
inline constexpr i64 panel_width = 8 * panel_vectors;
inline constexpr i64 diagonal_block =
    panel_width;  // `upper` products may be written this far below the diagonal: j / diagonal_block * diagonal_block on

// Puts row k of a block into its place: panels are [columns / panel_width][depth][panel_width], the last one filled up with 0.
inline void pack_row(const f64* row, i64 columns, i64 k, i64 depth, f64* packed) {
  f64* to = packed + k * panel_width;
  for (i64 j = 0; j < columns; j += panel_width, to += depth * panel_width) {
    if (columns - j >= panel_width) {
      for (i64 v = 0; v < panel_width; v += 8) store(to + v, load<f64x8>(row + j + v));
    } else {
      for (i64 v = 0; v < panel_width; v++) to[v] = j + v < columns ? row[j + v] : 0.0;
    }
  }
}

// c[i][j] = scale c[i][j] + sum over k of a[k][i] b[k][j] for one tile; `step` is the length of a row of c.
inline void add_tile(const f64* a, const f64* b, i64 depth, f64 scale, f64* c, i64 step) {
  f64x8 sums[tile_rows][panel_vectors] = {};
  for (i64 k = 0; k < depth; k++, a += panel_width, b += panel_width) {
    f64x8 right[panel_vectors];
    for (i64 v = 0; v < panel_vectors; v++) right[v] = load<f64x8>(b + 8 * v);
    for (i64 i = 0; i < tile_rows; i++)
      for (i64 v = 0; v < panel_vectors; v++) sums[i][v] = multiply_add(a[i], right[v], sums[i][v]);
  }
  for (i64 i = 0; i < tile_rows; i++)
    for (i64 v = 0; v < panel_vectors; v++) store(c + i * step + 8 * v, multiply_add(scale, load<f64x8>(c + i * step + 8 * v), sums[i][v]));
}

// c = scale c + sum over k of a_k b_k' for packed rows a_k and b_k of n columns; rows of c are `step` apart. `upper`: only what is
// on and above the diagonal is wanted; tiles below it are left out.
inline void add_products(const f64* a, const f64* b, i64 n, i64 depth, f64 scale, f64* c, i64 step, bool upper) {
  const i64 panel = depth * panel_width;
  for (i64 j = 0; j < n; j += panel_width)
    for (i64 i = 0; i < (upper ? j + panel_width : n) && i < n; i += tile_rows) {
      const f64* left = a + i / panel_width * panel + i % panel_width;
      const f64* right = b + j / panel_width * panel;
      const i64 rows = n - i < tile_rows ? n - i : tile_rows, columns = n - j < panel_width ? n - j : panel_width;
      if (rows == tile_rows && columns == panel_width) {
        add_tile(left, right, depth, scale, c + i * step + j, step);
        continue;
      }
      f64 edge[tile_rows * panel_width] = {};
      for (i64 r = 0; r < rows; r++)
        for (i64 k = 0; k < columns; k++) edge[r * panel_width + k] = c[(i + r) * step + j + k];
      add_tile(left, right, depth, scale, edge, panel_width);
      for (i64 r = 0; r < rows; r++)
        for (i64 k = 0; k < columns; k++) c[(i + r) * step + j + k] = edge[r * panel_width + k];
    }
}

// out[j][i] = sum over k of a[i][k] x[j][k], four by four; rows of x are a multiple of four.
inline void multiply_rows(const f64* a, i64 n, const f64* x, i64 rows, f64* out) {
  const i64 whole = n / 8 * 8;
  for (i64 i = 0; i < n; i += 4) {
    const f64* left[4];
    for (i64 c = 0; c < 4; c++) left[c] = a + (i + c < n ? i + c : i) * n;
    for (i64 j = 0; j < rows; j += 4) {
      f64x8 sums[16] = {};
      for (i64 k = 0; k < whole; k += 8) {
        f64x8 l[4], r[4];
        for (i64 c = 0; c < 4; c++) l[c] = load<f64x8>(left[c] + k), r[c] = load<f64x8>(x + (j + c) * n + k);
        for (i64 c = 0; c < 4; c++)
          for (i64 d = 0; d < 4; d++) sums[4 * c + d] = multiply_add(l[c], r[d], sums[4 * c + d]);
      }
      for (i64 c = 0; c < 4 && i + c < n; c++)
        for (i64 d = 0; d < 4; d++) {
          f64 rest = 0;
          for (i64 k = whole; k < n; k++) rest += left[c][k] * x[(j + d) * n + k];
          out[(j + d) * n + i + c] = reduce_add(sums[4 * c + d]) + rest;
        }
    }
  }
}

}  // namespace tickforge::TICKFORGE_ISA
