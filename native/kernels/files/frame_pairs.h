// Levels as most venues write them, ["price","size"], read in the same walk in which their list is found: [["1.5","2"],["1.4","0.3"]].
// What is written in any other way, and what is wrong, is left to the readers that say why. Contract: src/files/frames/feed_frames.ts.
#pragma once
#include "frame_rules.h"

namespace tickforge::TICKFORGE_ISA {

struct Pairs {
  static constexpr int most = 512;  // of a frame; lists behind them are read as all others
  f64 price[most], size[most];
  u8 price_digits[most], size_digits[most];
  int count;

  // The number of levels, p behind the list; 0 where it is to be read in another way, p where it was.
  int take(const u8*& p, const u8* end) {
    const u8* at = p + 1;
    const int first = count;
    for (int next = first;; next++) {
      if (next == most || !opens(at, end) || !number(at, end, price[next], price_digits[next]) || !(price[next] > 0) || !parts(at, end) ||
          !number(at, end, size[next], size_digits[next]) || end - at < 3 || at[0] != '"' || at[1] != ']')
        return 0;
      at += 3;
      if (at[-1] == ',') continue;
      if (at[-1] != ']') return 0;
      count = next + 1;
      return p = at, count - first;
    }
  }

 private:
  static bool opens(const u8*& p, const u8* end) {
    if (end - p < 2 || p[0] != '[' || p[1] != '"') return false;
    return p += 2, true;
  }
  static bool parts(const u8*& p, const u8* end) {
    if (end - p < 3 || p[0] != '"' || p[1] != ',' || p[2] != '"') return false;
    return p += 3, true;
  }
  // digits [. digits], of at most 2^53 without the point, so that one division rounds it.
  static bool number(const u8*& p, const u8* end, f64& value, u8& decimals) {
    const u8* start = p;
    u64 w = 0;
    while (p < end && is_digit(*p)) w = w * 10 + static_cast<u64>(*p++ - '0');
    i64 digits = p - start, behind = 0;
    if (digits == 0) return false;
    if (p < end && *p == '.') {
      const u8* point = ++p;
      p = take_digits(p, end, w);
      behind = p - point;
      digits += behind;
      if (behind == 0) return false;
    }
    if (digits > 19 || w > u64{1} << 53) return false;
    value = static_cast<f64>(w) / power_of_ten[behind];
    decimals = static_cast<u8>(behind);
    return true;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
