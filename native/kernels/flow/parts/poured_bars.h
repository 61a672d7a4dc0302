// Bars of equal measure (volume, value): rows well below the border are measured in vector blocks and then folded into the bar,
// the few around a border one by one as the reference does. Shared by volume_bars and value_bars.
#pragma once
#include "bars.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> struct Pouring {
  const i64* time;
  const T *price, *size;
  const i8* side;  // may be null
  i64 rows;
  f64 capacity;
  OpenBar bar;
  f64 *fill, *emitted, *rows_seen;
  i64* last_time;
  BarColumns<T> out;
  i64 room, produced;

  i8 sign(i64 i) const { return side ? side[i] : i8{0}; }

  // Writes what row i fills; false when the outputs are full: `emitted` then tells how far it came.
  bool emit(i64 i, f64 row, const Border& border, f64 unit) {
    for (; emitted[0] < border.filled; emitted[0] += 1) {
      if (produced == room) return false;
      const f64 p = static_cast<f64>(price[i]);
      if (bar.trades[0] == 0) bar.open(p, time[i]);
      bar.add(p, (emitted[0] == 0 ? border.used : capacity) / unit, sign(i));
      out.write(produced++, bar.prices, bar.volumes[0], bar.volumes[1], bar.trades[0], bar.start_time[0], time[i], row);
      bar.trades[0] = 0;
    }
    emitted[0] = 0;
    bar.open(static_cast<f64>(price[i]), time[i]);
    if (border.left > 0) bar.add(static_cast<f64>(price[i]), border.left / unit, sign(i));
    return true;
  }

  // `source` measures rows; unit(i) is the measure of one unit of row i's volume.
  template <class Source> Status run(const Source& source, i32 size_input) {
    mend_emitted(emitted[0]);
    Fill now{fill[0], fill[1], 0};
    const f64 seen = rows_seen[0];
    i64 i = 0, since = 0, patience = 0;  // rows taken one by one before the next try of whole blocks
    Status status = took(rows, 0);
    for (; i < rows; i++, since++) {
      if (bar.trades[0] == 0 && emitted[0] == 0) bar.open(static_cast<f64>(price[i]), time[i]);
      if (patience-- <= 0) {
        const i64 next = add_below_border(source, i, rows, capacity, now);
        if (next > i) bar.add_rows(price + i, size + i, side ? side + i : nullptr, next - i);
        since += next - i;
        i = next;
        patience = 16;
        if (i == rows) break;
      }
      const Fill before = now;
      const f64 measure = source.volume(i), over = pour(now, measure, capacity);
      if (over < -capacity * dust) {
        bar.add(static_cast<f64>(price[i]), static_cast<f64>(size[i]), sign(i));
        continue;
      }
      const Border border = cross(over, measure, capacity);
      const bool too_many = !(border.filled <= most_buckets);
      if (too_many || !emit(i, seen + static_cast<f64>(i), border, source.unit(i))) {
        now = before;
        status = too_many ? refuse(TOO_MANY, size_input, i, produced) : took(i, produced);
        break;
      }
      now = {border.left, 0, 0};
      patience = since < 24 ? 24 : 0;
      since = 0;
    }
    fill[0] = now.sum + now.error, fill[1] = (now.sum - fill[0]) + now.error;  // the same value, its error as small as it can be
    rows_seen[0] = seen + static_cast<f64>(i);
    if (i > 0) last_time[0] = time[i - 1];
    status.produced = produced;
    return status;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
