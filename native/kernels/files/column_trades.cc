// Contract: src/files/kernels/column_trades.ts. The same rules row by row; scaled times that do not fit are found by the multiplication.
#include "abi/state_values.h"
#include "value_refusals.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "time, price, size, side, instrument, flaw",
                             .options = "timeScale, signedSize, id",
                             .state = "counts, lastTime, gap, bad",
                             .outputs = "time, price, size, side, instrument"};

namespace {

enum Count { LOOKED_AT, ROWS_TAKEN, ZERO_SIZES, UNKNOWN_SIDES, REFUSED };
enum Column { TIME_COLUMN, PRICE_COLUMN, SIZE_COLUMN, SIDE_COLUMN };
constexpr f64 largest = 1.7976931348623157e308;

i32 flawed(ValueRefusal code, Column column) { return code + 16 * column; }

}  // namespace

Status column_trades(In<i64> time, In<f64> price, In<f64> size, OptionalIn<i8> side, OptionalIn<u32> instrument, OptionalIn<u8> flaw, i32 time_scale,
                     i32 signed_size, i32 id, State<i64> counts, State<i64> last_time, State<i64> gap, State<i64> bad, Out<i64> out_time,
                     Out<f64> out_price, Out<f64> out_size, Out<i8> out_side, Out<u32> out_instrument) {
  mend_counts(counts);
  i64 produced = 0, last = last_time[0], zeros = 0, unknown = 0, row = 0;
  bad[0] = bad[1] = 0;
  for (; row < time.length; row++) {
    i64 now;
    const bool lost = __builtin_mul_overflow(time[row], i64{time_scale}, &now);
    const f64 paid = price[row], lots = size[row];
    const i32 who = side ? side[row] : 0;
    i32 why = flaw ? flaw[row] : 0;
    if (why) {
    } else if (lost || now < 0) why = flawed(BAD_TIME_RANGE, TIME_COLUMN);
    else if (!(__builtin_fabs(paid) <= largest)) why = flawed(BAD_NUMBER, PRICE_COLUMN);
    else if (!(paid > 0)) why = flawed(BAD_PRICE, PRICE_COLUMN);
    else if (!(__builtin_fabs(lots) <= largest)) why = flawed(BAD_NUMBER, SIZE_COLUMN);
    else if (lots < 0 && !signed_size) why = flawed(BAD_SIZE, SIZE_COLUMN);
    else if (who < -1 || who > 1) why = flawed(BAD_SIDE, SIDE_COLUMN);
    else if (now < last) why = flawed(TIME_FELL, TIME_COLUMN);
    if (why) {
      counts[REFUSED]++;
      bad[0] = why % 16;
      bad[1] = why / 16;
      row++;
      break;
    }
    if (produced == out_time.length) break;
    const i32 sign = signed_size ? (lots > 0) - (lots < 0) : who;
    zeros += lots == 0;
    unknown += sign == 0;
    if (last >= 0 && now - last > gap[0]) {
      gap[0] = now - last;
      gap[1] = counts[LOOKED_AT] + row + 1;
    }
    last = now;
    out_time[produced] = now;
    out_price[produced] = paid;
    out_size[produced] = __builtin_fabs(lots);
    out_side[produced] = static_cast<i8>(sign);
    out_instrument[produced] = instrument ? instrument[row] : static_cast<u32>(id);
    produced++;
  }
  counts[LOOKED_AT] += row;
  counts[ROWS_TAKEN] += produced;
  counts[ZERO_SIZES] += zeros;
  counts[UNKNOWN_SIDES] += unknown;
  last_time[0] = last;
  return took(row, produced);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(column_trades)
