// Signs of trades, eight rows at a time as bytes of a word; shared by the kernels that classify trades.
#pragma once
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

constexpr i64 sign_block = 512;
constexpr u64 ones = 0x0101010101010101;

// Bytes of `change` (0xff or 0) and those of `unchanged` in an unbroken run behind one, or behind the word where `before` is 1:
// the addition's carry runs through the unchanged rows up to the next change.
inline u64 flood(u64 change, u64 unchanged, u64 before) {
  const u64 starts = ((change << 8) | before) & unchanged & ones;
  return change | (unchanged & ~(unchanged + starts));
}

inline u64 load_word(const u8* p) {
  u64 word;
  __builtin_memcpy(&word, p, 8);
  return word;
}

// The tick test over a tape in blocks: signs of the last price change that was not zero.
struct TickTest {
  f64 before;    // price of the row before, 0 where there is none
  u64 up, down;  // of the word before

  TickTest(f64 last_price, i8 last_side) : before(last_price), up(last_side > 0 ? ~u64{0} : 0), down(last_side < 0 ? ~u64{0} : 0) {}
  i8 last_sign() const { return static_cast<i8>((up >> 63) - (down >> 63)); }

  // Calls put(i, word) for rows i to i + 7 of at most sign_block; bytes past `count` repeat the last sign.
  template <class T, class Put> void run(const T* p, i64 count, Put put) {
    alignas(64) u8 rose[sign_block], fell[sign_block];
    if (!(before > 0)) before = static_cast<f64>(p[0]);
    rose[0] = static_cast<u8>(-(static_cast<f64>(p[0]) > before));
    fell[0] = static_cast<u8>(-(static_cast<f64>(p[0]) < before));
    for (i64 i = 1; i < count; i++) {
      rose[i] = static_cast<u8>(-(p[i] > p[i - 1]));
      fell[i] = static_cast<u8>(-(p[i] < p[i - 1]));
    }
    before = static_cast<f64>(p[count - 1]);
    for (i64 i = count; i % 8; i++) rose[i] = fell[i] = 0;
    u64 rising = up, falling = down;  // not members: what put writes could be them, for all the compiler knows
    for (i64 i = 0; i < count; i += 8) {
      const u64 rises = load_word(rose + i), falls = load_word(fell + i), unchanged = ~(rises | falls);
      rising = flood(rises, unchanged, rising >> 63);
      falling = flood(falls, unchanged, falling >> 63);
      put(i, (rising & ones) | falling);
    }
    up = rising, down = falling;
  }
};

// Writes the bytes of a word that lie before row `count`.
inline void store_signs(i8* side, i64 i, i64 count, u64 signs) {
  if (i + 8 <= count) __builtin_memcpy(side + i, &signs, 8);
  else __builtin_memcpy(side + i, &signs, static_cast<size_t>(count - i));
}

// Where a price stands to the middle of its quote: +1, -1, or 0 at the middle and without a quote. Decimal prices are not exact
// in binary, so what lies within their roundings as T of the middle counts as on it; a price at or beyond a side of an open quote does not.
template <class T> inline i32 side_of_mid(T traded, f64 bid, f64 ask) {
  constexpr f64 share = sizeof(T) == 4 ? 0x1p-23 : 0x1p-50;
  const f64 price = static_cast<f64>(traded), sum = bid + ask, distance = (price + price) - sum, rounding = sum * share;
  const i32 quoted = (bid > 0) & (ask > 0), open = bid < ask;
  const i32 above = (distance > rounding) | (open & (price >= ask)), below = (distance < -rounding) | (open & (price <= bid));
  return -quoted & (above - below);
}

}  // namespace tickforge::TICKFORGE_ISA
