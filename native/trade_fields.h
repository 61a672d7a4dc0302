// Times, sides and symbols of a trade file's fields. Contract: src/data/delimited_trades.ts.
#pragma once
#include "decimal.h"
#include "kernel.h"

namespace tickforge::TICKFORGE_ISA {

// Why a row is refused; the same numbers as `refusals` in src/data/delimited_trades.ts.
enum Refusal : i32 {
  ACCEPTED, COLUMNS, QUOTE, EMPTY, NUMBER, NUMBER_RANGE, PRICE, SIZE, TIME, TIME_RANGE, SIDE, SYMBOL, SYMBOLS_FULL, LINE_LONG, TIME_BACKWARDS
};

struct Field {
  const u8* begin;
  const u8* end;
};

static inline bool blank(u8 c, u8 separator) { return (c == ' ' || c == '\t' || c == '\r') && c != separator; }
static inline void trim(Field& f, u8 separator) {
  while (f.begin < f.end && blank(*f.begin, separator)) f.begin++;
  while (f.begin < f.end && blank(f.end[-1], separator)) f.end--;
}
static inline u8 lower(u8 c) { return c >= 'A' && c <= 'Z' ? c | 32 : c; }

enum TimeFormat : i32 { SECONDS, MILLISECONDS, MICROSECONDS, NANOSECONDS, ISO, ISO_MICROSECONDS };
constexpr u64 largest_time = 0x7FFFFFFFFFFFFFFF;
static constexpr u64 whole_powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

// A count of `unit` nanoseconds, 10^places, with decimals; those below a nanosecond are dropped.
static inline Refusal parse_count(Field f, int places, i64& time) {
  u64 w = 0, fraction = 0;
  const u8* p = take_digits(f.begin, f.end, w);
  const u8* last = p;
  if (p == f.begin) return TIME;
  if (p < f.end && *p == '.') {
    const u8* start = ++p;
    for (; p < f.end && is_digit(*p); p++)
      if (p - start < places) fraction = fraction * 10 + static_cast<u64>(*p - '0');
    const i64 taken = p - start < places ? p - start : places;
    fraction *= whole_powers[places - taken];
  }
  if (p != f.end) return TIME;
  const u8* first = f.begin;
  while (first < last && *first == '0') first++;
  if (last - first > 19 || w > (largest_time - fraction) / whole_powers[places]) return TIME_RANGE;
  time = static_cast<i64>(w * whole_powers[places] + fraction);
  return ACCEPTED;
}

// `count` digits at p as a number, or -1; p moves behind them.
static inline i64 fixed_digits(const u8*& p, const u8* end, int count) {
  if (end - p < count) return -1;
  i64 value = 0;
  for (int i = 0; i < count; i++, p++) {
    if (!is_digit(*p)) return -1;
    value = value * 10 + (*p - '0');
  }
  return value;
}
static inline bool take(const u8*& p, const u8* end, u8 c) { return p < end && *p == c && (p++, true); }

// YYYY-MM-DD as days since 1970-01-01, counted from 0000-03-01 so that the leap day is the last of its year.
static inline bool parse_date(const u8*& p, const u8* end, i64& days) {
  const i64 year = fixed_digits(p, end, 4);
  if (year < 0 || !take(p, end, '-')) return false;
  const i64 month = fixed_digits(p, end, 2);
  if (month < 1 || month > 12 || !take(p, end, '-')) return false;
  const i64 day = fixed_digits(p, end, 2);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  static constexpr i8 lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (day < 1 || day > lengths[month - 1] + (month == 2 && leap ? 1 : 0)) return false;
  const i64 y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
  days = 365 * y + (y + 4) / 4 - (y + 100) / 100 + (y + 400) / 400 - 1 + (153 * m + 2) / 5 + day - 1 - 719468;
  return true;
}

// Z, UTC or an offset of hours and minutes, or nothing (taken as UTC); the offset in seconds.
static inline bool parse_zone(const u8*& p, const u8* end, i64& offset) {
  offset = 0;
  if (p == end || take(p, end, 'Z')) return true;
  const u8* q = p;
  if (*q == ' ') q++;
  if (end - q == 3 && q[0] == 'U' && q[1] == 'T' && q[2] == 'C') return p = q + 3, true;
  const bool west = *p == '-';
  if (!west && *p != '+') return false;
  p++;
  const i64 hours = fixed_digits(p, end, 2);
  if (hours < 0 || hours > 23) return false;
  i64 minutes = 0;
  if (p < end) {
    take(p, end, ':');
    minutes = fixed_digits(p, end, 2);
    if (minutes < 0 || minutes > 59) return false;
  }
  offset = (hours * 60 + minutes) * (west ? -60 : 60);
  return true;
}

// HH:MM:SS[.fraction][zone]; nanoseconds of the day and the zone's offset. A fraction that counts microseconds is not padded.
static inline bool parse_clock(const u8*& p, const u8* end, bool counted, i64& seconds, i64& nanoseconds) {
  const i64 hour = fixed_digits(p, end, 2);
  if (hour < 0 || hour > 23 || !take(p, end, ':')) return false;
  const i64 minute = fixed_digits(p, end, 2);
  if (minute < 0 || minute > 59 || !take(p, end, ':')) return false;
  const i64 second = fixed_digits(p, end, 2);
  if (second < 0 || second > 59) return false;
  nanoseconds = 0;
  if (take(p, end, '.')) {
    const u8* start = p;
    for (; p < end && is_digit(*p); p++)
      if (p - start < 9) nanoseconds = nanoseconds * 10 + (*p - '0');
    const i64 digits = p - start;
    if (digits == 0 || (counted && digits > 6)) return false;
    nanoseconds *= static_cast<i64>(counted ? 1000 : whole_powers[digits < 9 ? 9 - digits : 0]);
  }
  i64 offset;
  if (!parse_zone(p, end, offset)) return false;
  seconds = hour * 3600 + minute * 60 + second - offset;
  return true;
}

static inline Refusal parse_iso(Field date, Field clock, bool apart, bool counted, i64& time) {
  i64 days, seconds, nanoseconds;
  const u8* p = date.begin;
  if (!parse_date(p, date.end, days)) return TIME;
  if (apart) {
    if (p != date.end) return TIME;
    p = clock.begin;
  } else {
    if (p == date.end || (*p != 'T' && *p != ' ' && *p != 'D')) return TIME;
    p++;
    clock.end = date.end;
  }
  if (!parse_clock(p, clock.end, counted, seconds, nanoseconds) || p != clock.end) return TIME;
  seconds += days * 86400;
  if (seconds < 0 || seconds >= 9223372036) return TIME_RANGE;
  time = seconds * 1000000000 + nanoseconds;
  return ACCEPTED;
}

static inline Refusal parse_time(Field time, Field clock, bool apart, i32 format, i64& out) {
  if (time.begin == time.end) return EMPTY;
  if (format >= ISO) return parse_iso(time, clock, apart, format == ISO_MICROSECONDS, out);
  return parse_count(time, 9 - 3 * format, out);
}

// Words that mean a side: [2 = sell, 1 = buy, 0 = unknown][length][bytes] one after the other; case does not matter.
static inline Refusal parse_side(Field f, In<u8> words, i8& side) {
  const i64 length = f.end - f.begin;
  side = 0;
  if (length == 0) return ACCEPTED;
  for (i64 at = 0; at + 2 <= words.length && at + 2 + words[at + 1] <= words.length; at += 2 + words[at + 1]) {
    if (words[at + 1] != length) continue;
    i64 same = 0;
    while (same < length && lower(f.begin[same]) == lower(words[at + 2 + same])) same++;
    if (same < length) continue;
    side = static_cast<i8>(words[at] == 1 ? 1 : words[at] == 2 ? -1 : 0);
    return ACCEPTED;
  }
  return SIDE;
}

// Symbols in order of appearance: names one after the other, where each ends, and a table of hash and id + 1.
struct SymbolTable {
  State<u8> names;
  State<u32> ends, table, count;
  i64 latest = -1;

  bool equals(i64 id, Field f) const {
    const i64 start = id ? ends[id - 1] : 0;
    const i64 length = f.end - f.begin;
    return ends[id] - start == length && __builtin_memcmp(&names[start], f.begin, static_cast<size_t>(length)) == 0;
  }
  Refusal find(Field f, u32& out) {
    const i64 length = f.end - f.begin;
    if (length == 0 || length > 255) return length ? SYMBOL : EMPTY;
    if (latest >= 0 && equals(latest, f)) return out = static_cast<u32>(latest), ACCEPTED;
    u32 hash = 2166136261;  // FNV-1a
    for (const u8* p = f.begin; p < f.end; p++) hash = (hash ^ *p) * 16777619;
    const i64 places = table.length / 2, known = count[0];
    i64 place = hash % places;
    for (; table[2 * place + 1]; place = place + 1 < places ? place + 1 : 0) {
      if (table[2 * place] != hash || !equals(table[2 * place + 1] - 1, f)) continue;
      latest = table[2 * place + 1] - 1;
      return out = static_cast<u32>(latest), ACCEPTED;
    }
    const i64 start = known ? ends[known - 1] : 0;
    if (known >= ends.length || start + length > names.length) return SYMBOLS_FULL;
    __builtin_memcpy(&names[start], f.begin, static_cast<size_t>(length));
    ends[known] = static_cast<u32>(start + length);
    table[2 * place] = hash;
    table[2 * place + 1] = static_cast<u32>(known + 1);
    count[0] = static_cast<u32>(known + 1);
    latest = known;
    return out = static_cast<u32>(known), ACCEPTED;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
