// Decimal text -> f64, rounded to nearest, ties to even: the number that Number(text) gives. Three exact ways, by how much
// the text asks for: one division of exact doubles, one 128-bit product or quotient, long division of big integers.
#pragma once
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

using u128 = unsigned __int128;

enum class Number : u8 { OK, EMPTY, MALFORMED, RANGE };

static inline u64 load8(const u8* p) {
  u64 word;
  __builtin_memcpy(&word, p, 8);
  return word;
}
static inline bool is_digit(u8 c) { return static_cast<u8>(c - '0') <= 9; }

static inline bool eight_digits(u64 word) { return (((word + 0x4646464646464646) | (word - 0x3030303030303030)) & 0x8080808080808080) == 0; }
// Pairs, then fours, then eight: three multiplications (Johnny Lee's method).
static inline u64 value_of_eight(u64 word) {
  word -= 0x3030303030303030;
  word = word * 10 + (word >> 8);
  return (((word & 0x000000FF000000FF) * 0x000F424000000064) + (((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
}

// Appends the digits at p to w, modulo 2^64; the caller counts them.
static inline const u8* take_digits(const u8* p, const u8* end, u64& w) {
  while (end - p >= 8) {
    const u64 word = load8(p);
    if (!eight_digits(word)) break;
    w = w * 100000000 + value_of_eight(word);
    p += 8;
  }
  while (p < end && is_digit(*p)) w = w * 10 + static_cast<u64>(*p++ - '0');
  return p;
}

static constexpr f64 power_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
struct FivePowers {
  u64 of[28];  // 5^27 < 2^63
  constexpr FivePowers() : of() {
    of[0] = 1;
    for (int i = 1; i < 28; i++) of[i] = of[i - 1] * 5;
  }
};
static constexpr FivePowers five;

static inline f64 from_bits(u64 bits) {
  f64 value;
  __builtin_memcpy(&value, &bits, 8);
  return value;
}

// q * 2^exponent with q >= 2^54; `more`: the true value lies above q. The exponents of `scaled` stay far from the range's ends.
static inline f64 round_to_f64(u64 q, bool more, int exponent) {
  const int drop = 11 - __builtin_clzll(q);
  const u64 half = u64{1} << (drop - 1);
  u64 kept = q >> drop;
  const u64 rest = q & ((u64{1} << drop) - 1);
  if (rest > half || (rest == half && (more || (kept & 1)))) kept++;
  return static_cast<f64>(kept) * from_bits(static_cast<u64>(exponent + drop + 1023) << 52);
}

// w * 10^e for 0 < w, -27 <= e <= 27.
static inline f64 scaled(u64 w, int e) {
  const int shift = __builtin_clzll(w);
  const u64 top = w << shift;
  if (e >= 0) {
    const u128 product = static_cast<u128>(top) * five.of[e];
    if (!(product >> 64)) return round_to_f64(static_cast<u64>(product), false, e - shift);
    const int high = 64 - __builtin_clzll(static_cast<u64>(product >> 64));
    const bool more = (product & ((u128{1} << high) - 1)) != 0;
    return round_to_f64(static_cast<u64>(product >> high), more, e - shift + high);
  }
  const int lift = __builtin_clzll(five.of[-e]);
  const u64 divisor = five.of[-e] << lift;
  const u128 dividend = static_cast<u128>(top) << 63;  // quotient in (2^62, 2^64)
  const u64 q = static_cast<u64>(dividend / divisor);
  const bool more = dividend - static_cast<u128>(q) * divisor != 0;
  return round_to_f64(q, more, lift - shift - 63 + e);
}

// Big integers for what is left: more than 19 digits that decide, or exponents beyond 27. Rare, and bounded on the stack.
constexpr int most_digits = 800;  // 768 decide the rounding of any f64, a digit after them stands for the rest
struct Big {
  u32 limb[128];
  int count;
};
static inline void multiply(Big& a, u32 by, u32 plus) {
  u64 carry = plus;
  for (int i = 0; i < a.count; i++) {
    carry += static_cast<u64>(a.limb[i]) * by;
    a.limb[i] = static_cast<u32>(carry);
    carry >>= 32;
  }
  if (carry) a.limb[a.count++] = static_cast<u32>(carry);
}
static inline void multiply_by_five_to(Big& a, i64 power) {
  for (; power >= 13; power -= 13) multiply(a, 1220703125, 0);
  for (; power > 0; power--) multiply(a, 5, 0);
}
static inline i64 bits_in(const Big& a) { return a.count ? 32 * a.count - __builtin_clz(a.limb[a.count - 1]) : 0; }
static inline void shift_left(Big& a, i64 bits) {
  const int words = static_cast<int>(bits / 32), rest = static_cast<int>(bits % 32);
  if (words) {
    for (int i = a.count - 1; i >= 0; i--) a.limb[i + words] = a.limb[i];
    for (int i = 0; i < words; i++) a.limb[i] = 0;
    a.count += words;
  }
  if (rest) {
    u32 carry = 0;
    for (int i = 0; i < a.count; i++) {
      const u32 next = a.limb[i] >> (32 - rest);
      a.limb[i] = a.limb[i] << rest | carry;
      carry = next;
    }
    if (carry) a.limb[a.count++] = carry;
  }
}
static inline int compare(const Big& a, const Big& b) {
  if (a.count != b.count) return a.count < b.count ? -1 : 1;
  for (int i = a.count - 1; i >= 0; i--)
    if (a.limb[i] != b.limb[i]) return a.limb[i] < b.limb[i] ? -1 : 1;
  return 0;
}
static inline void subtract(Big& a, const Big& b) {
  i64 borrow = 0;
  for (int i = 0; i < a.count; i++) {
    borrow += static_cast<i64>(a.limb[i]) - (i < b.count ? b.limb[i] : 0);
    a.limb[i] = static_cast<u32>(borrow);
    borrow >>= 32;
  }
  while (a.count && a.limb[a.count - 1] == 0) a.count--;
}

// above / below * 2^exponent, by long division in base 2.
static inline Number divide(Big& above, Big& below, i64 exponent, f64& out) {
  i64 d = bits_in(above) - bits_in(below);
  shift_left(d > 0 ? below : above, d > 0 ? d : -d);
  if (compare(above, below) < 0) shift_left(above, 1), d--;
  i64 top = d + exponent;  // the value lies in [2^top, 2^(top + 1))
  if (top > 1023) return Number::RANGE;
  if (top < -1075) return out = 0, Number::OK;
  const i64 bits = top >= -1022 ? 53 : 53 - (-1022 - top);
  u64 q = 0;
  for (i64 i = 0; i < bits; i++) {
    q <<= 1;
    if (compare(above, below) >= 0) subtract(above, below), q |= 1;
    shift_left(above, 1);
  }
  const int rest = compare(above, below);
  if (rest > 0 || (rest == 0 && (q & 1))) q++;
  if (top < -1022) return out = from_bits(q), Number::OK;
  if (q >> 53) q >>= 1, top++;
  if (top > 1023) return Number::RANGE;
  return out = from_bits(static_cast<u64>(top + 1023) << 52 | (q & ((u64{1} << 52) - 1))), Number::OK;
}

// Digits from `first`, the first that is not 0, to `last`, with at most one point among them; their value times 10^exponent.
static inline Number long_decimal(const u8* first, const u8* last, i64 exponent, f64& out) {
  Big above{{0}, 0}, below{{1}, 1};
  i64 digits = 0, dropped = 0;
  bool rest = false;
  for (const u8* p = first; p < last; p++) {
    if (*p == '.') continue;
    if (digits < most_digits) multiply(above, 10, static_cast<u32>(*p - '0')), digits++;
    else rest |= *p != '0', dropped++;
  }
  exponent += dropped;
  if (rest) multiply(above, 10, 1), exponent--, digits++;
  if (digits + exponent > 310) return Number::RANGE;
  if (digits + exponent < -330) return out = 0, Number::OK;
  if (exponent >= 0) multiply_by_five_to(above, exponent);
  else multiply_by_five_to(below, -exponent);
  return divide(above, below, exponent, out);
}

// More than 19 digits after leading zeros: where the first 19 and their successor round alike, the rest cannot matter.
static inline Number many_digits(const u8* p, const u8* last, i64 exponent, f64& out) {
  const u8* first = p;
  while (first < last && (*first == '0' || *first == '.')) first++;
  u64 w = 0;
  int digits = 0;
  i64 dropped = 0;
  for (const u8* q = first; q < last; q++) {
    if (*q == '.') continue;
    if (digits < 19) w = w * 10 + static_cast<u64>(*q - '0'), digits++;
    else dropped++;
  }
  const i64 e = exponent + dropped;
  if (w == 0) return out = 0, Number::OK;
  if (e >= -27 && e <= 27) {
    const f64 low = scaled(w, static_cast<int>(e));
    if (dropped == 0 || low == scaled(w + 1, static_cast<int>(e))) return out = low, Number::OK;
  }
  return long_decimal(first, last, exponent, out);
}

// [+-] digits [. digits] [e [+-] digits], at least one digit before the exponent; nothing else in the field. The value is
// divided by 10^scale before it is rounded.
static inline Number parse_decimal(const u8* p, const u8* end, f64& out, i64 scale = 0) {
  if (p == end) return Number::EMPTY;
  const bool negative = *p == '-';
  if (negative || *p == '+') p++;
  const u8* start = p;
  u64 w = 0;
  p = take_digits(p, end, w);
  i64 digits = p - start, exponent = 0;
  if (p < end && *p == '.') {
    const u8* point = p++;
    p = take_digits(p, end, w);
    exponent = point + 1 - p;
    digits -= exponent;
  }
  if (digits == 0) return Number::MALFORMED;
  const u8* last = p;
  if (p < end && (*p | 32) == 'e') {
    p++;
    const bool small = p < end && *p == '-';
    if (small || (p < end && *p == '+')) p++;
    if (p == end) return Number::MALFORMED;
    i64 power = 0;
    for (; p < end && is_digit(*p); p++) power = power < 100000 ? power * 10 + (*p - '0') : power;
    exponent += small ? -power : power;
  }
  if (p != end) return Number::MALFORMED;
  exponent -= scale;
  Number how = Number::OK;
  if (digits > 19) how = many_digits(start, last, exponent, out);
  else if (w == 0) out = 0;
  else if (w <= u64{1} << 53 && exponent >= -22 && exponent <= 22)
    out = exponent < 0 ? static_cast<f64>(w) / power_of_ten[-exponent] : static_cast<f64>(w) * power_of_ten[exponent];
  else if (exponent >= -27 && exponent <= 27) out = scaled(w, static_cast<int>(exponent));
  else how = many_digits(start, last, exponent, out);
  if (negative) out = -out;
  return how;
}

// How numbers are written: the mark before the decimals, and the one between thousands, 0 where there is none.
struct Written {
  u8 decimal, group;
};
constexpr int longest_marked = 128;

// The same with other marks: thousands come in threes, before the decimals alone. Plain numbers take the short way.
static inline Number parse_marked(const u8* p, const u8* end, Written marks, f64& out, i64 scale = 0) {
  if (marks.decimal == '.') {
    const Number how = parse_decimal(p, end, out, scale);
    if (how != Number::MALFORMED || !marks.group) return how;
  }
  if (p == end) return Number::EMPTY;
  u8 plain[longest_marked];
  int length = 0, run = 0;  // digits since the last mark
  bool grouped = false, behind = false;
  for (; p < end; p++) {
    const bool digit = is_digit(*p);
    if (length == longest_marked) return Number::MALFORMED;
    if (!behind && marks.group && *p == marks.group) {
      if (grouped ? run != 3 : run < 1 || run > 3) return Number::MALFORMED;
      grouped = true;
      run = 0;
      continue;
    }
    if (!behind && (*p == marks.decimal || (*p | 32) == 'e')) {
      if (grouped && run != 3) return Number::MALFORMED;
      behind = true;
    } else if (*p == '.' || *p == ',') {
      return Number::MALFORMED;
    }
    plain[length++] = *p == marks.decimal ? '.' : *p;
    run += digit;
  }
  if (grouped && !behind && run != 3) return Number::MALFORMED;
  return parse_decimal(plain, plain + length, out, scale);
}

}  // namespace tickforge::TICKFORGE_ISA
