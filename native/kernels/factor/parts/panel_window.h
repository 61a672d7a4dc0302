// The last rows of a panel, delayed by `lag`, laid side by side for sixteen assets at a time: what kernels over windows of dates read.
// Rows older than the call lie in two rings, `recent` [lag, assets] and `older` [window, assets], which begin as NaN.
#pragma once
#include "simd/simd.h"
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr i64 strip_assets = 16;
inline constexpr i64 group_dates = 128;

// f64 values of a row of the panel for each date of a group, and of the lines of a strip.
inline i64 group_rows(i64 assets) { return group_dates * assets; }
inline i64 strip_lines(i64 window) { return strip_assets * (window + group_dates); }

struct PanelWindow {
  f64 *recent, *older;
  i64 lag, window, assets;
  i64 dates;  // taken so far

  // Row `date` of a group, delayed.
  template <class T, class Each> void delayed(const T* x, i64 date, i64 first, i64 width, Each each) const {
    if (date < lag) {
      const f64* const row = recent + (dates + date) % lag * assets + first;
      for (i64 i = 0; i < width; i++) each(i, row[i]);
    } else {
      const T* const row = x + (date - lag) * assets + first;
      for (i64 i = 0; i < width; i++) each(i, static_cast<f64>(row[i]));
    }
  }

  // Delayed rows of `width` assets from `first` on, oldest first: window - 1 of before and `rows` of the group; 0 beyond the assets.
  template <class T> void strip(const T* x, i64 rows, i64 first, i64 width, f64* lines) const {
    for (i64 k = 0; k < window - 1 + rows; k++) {
      f64* const line = lines + k * strip_assets;
      for (i64 i = width; i < strip_assets; i++) line[i] = 0;
      if (k < window - 1) {
        const f64* const row = older + (dates + k + 1) % window * assets + first;
        for (i64 i = 0; i < width; i++) line[i] = row[i];
      } else {
        delayed(x, k - (window - 1), first, width, [=](i64 i, f64 value) { line[i] = value; });
      }
    }
  }

  template <class T> void push(const T* x, i64 rows) {
    for (i64 k = 0; k < rows; k++) {
      f64* const row = older + (dates + k) % window * assets;
      delayed(x, k, 0, assets, [=](i64 i, f64 value) { row[i] = value; });
    }
    if (lag > 0)
      for (i64 k = 0; k < rows; k++)
        for (i64 i = 0; i < assets; i++) recent[(dates + k) % lag * assets + i] = static_cast<f64>(x[k * assets + i]);
    dates += rows;
  }
};

// Each strip of each group of at most `group_dates` dates: `sweep(lines, rows, first, width)`, then `row(date of the call, date of the
// group)` for every date.
template <class T, class Sweep, class Row>
inline void sweep_panel(PanelWindow& panel, const T* x, i64 total, f64* lines, Sweep sweep, Row row) {
  for (i64 start = 0; start < total; start += group_dates) {
    const i64 rows = total - start < group_dates ? total - start : group_dates;
    const T* const from = x + start * panel.assets;
    for (i64 first = 0; first < panel.assets; first += strip_assets) {
      const i64 width = panel.assets - first < strip_assets ? panel.assets - first : strip_assets;
      panel.strip(from, rows, first, width, lines);
      sweep(lines, start, rows, first, width);
    }
    for (i64 k = 0; k < rows; k++) row(start + k, k);
    panel.push(from, rows);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
