// Times of a trade file's fields. Contract: src/files/kernels/delimited_trades.ts.
#pragma once
#include "trade_fields.h"

namespace tickforge::TICKFORGE_ISA {

CHOICE(TimeFormat, s, ms, us, ns, iso, iso_us, mdy, of_day)
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

// Days since 1970-01-01, counted from 0000-03-01 so that the leap day is the last of its year.
static inline bool days_of(i64 year, i64 month, i64 day, i64& days) {
  if (year < 0 || month < 1 || month > 12) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  static constexpr i8 lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (day < 1 || day > lengths[month - 1] + (month == 2 && leap ? 1 : 0)) return false;
  const i64 y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
  days = 365 * y + (y + 4) / 4 - (y + 100) / 100 + (y + 400) / 400 - 1 + (153 * m + 2) / 5 + day - 1 - 719468;
  return true;
}

// YYYY-MM-DD, YYYY/MM/DD or YYYYMMDD; MM/DD/YYYY where the month comes first.
static inline bool parse_date(const u8*& p, const u8* end, bool month_first, i64& days) {
  if (month_first) {
    const i64 month = fixed_digits(p, end, 2);
    if (month < 0 || !take(p, end, '/')) return false;
    const i64 day = fixed_digits(p, end, 2);
    if (day < 0 || !take(p, end, '/')) return false;
    return days_of(fixed_digits(p, end, 4), month, day, days);
  }
  const i64 year = fixed_digits(p, end, 4);
  if (year < 0) return false;
  const u8 mark = take(p, end, '-') ? '-' : take(p, end, '/') ? '/' : 0;
  const i64 month = fixed_digits(p, end, 2);
  if (month < 0 || (mark && !take(p, end, mark))) return false;
  return days_of(year, month, fixed_digits(p, end, 2), days);
}

// Z, UTC or an offset of hours and minutes, in seconds; or nothing, which is not `stated`.
static inline bool parse_zone(const u8*& p, const u8* end, i64& offset, bool& stated) {
  offset = 0;
  stated = p < end;
  if (!stated || take(p, end, 'Z')) return true;
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

// A wall clock's seconds since 1970 -> those of UTC, by a table of [seconds on that clock, offset from there on].
struct Zone {
  OptionalIn<i64> changes;
  i64 near = 0;

  i64 utc(i64 seconds) {
    const i64 count = changes.length / 2;
    if (count == 0) return seconds;
    while (near + 1 < count && changes[2 * (near + 1)] <= seconds) near++;
    while (near > 0 && changes[2 * near] > seconds) near--;
    return seconds - changes[2 * near + 1];
  }
};

struct Clock {
  i64 seconds, nanoseconds, offset;
  bool stated;
};

// HH:MM:SS[.fraction][zone]. A fraction that counts microseconds is not padded.
static inline bool parse_clock(const u8*& p, const u8* end, bool counted, Clock& clock) {
  const i64 hour = fixed_digits(p, end, 2);
  if (hour < 0 || hour > 23 || !take(p, end, ':')) return false;
  const i64 minute = fixed_digits(p, end, 2);
  if (minute < 0 || minute > 59 || !take(p, end, ':')) return false;
  const i64 second = fixed_digits(p, end, 2);
  if (second < 0 || second > 59) return false;
  clock.nanoseconds = 0;
  if (take(p, end, '.')) {
    const u8* start = p;
    for (; p < end && is_digit(*p); p++)
      if (p - start < 9) clock.nanoseconds = clock.nanoseconds * 10 + (*p - '0');
    const i64 digits = p - start;
    if (digits == 0 || (counted && digits > 6)) return false;
    clock.nanoseconds *= static_cast<i64>(counted ? 1000 : whole_powers[digits < 9 ? 9 - digits : 0]);
  }
  clock.seconds = hour * 3600 + minute * 60 + second;
  return parse_zone(p, end, clock.offset, clock.stated);
}

static inline Refusal join(i64 seconds, i64 nanoseconds, i64& time) {
  if (seconds < 0 || seconds >= 9223372036) return TIME_RANGE;
  time = seconds * 1000000000 + nanoseconds;
  return ACCEPTED;
}

static inline Refusal parse_iso(Field date, Field clock, bool apart, TimeFormat format, Zone& zone, i64& time) {
  i64 days;
  Clock at;
  const u8* p = date.begin;
  if (!parse_date(p, date.end, format == TimeFormat::mdy, days)) return TIME;
  if (apart) {
    if (p != date.end) return TIME;
    p = clock.begin;
  } else {
    if (p == date.end || (*p != 'T' && *p != ' ' && *p != 'D')) return TIME;
    p++;
    clock.end = date.end;
  }
  if (!parse_clock(p, clock.end, format == TimeFormat::iso_us, at) || p != clock.end) return TIME;
  const i64 seconds = days * 86400 + at.seconds;
  return join(at.stated ? seconds - at.offset : zone.utc(seconds), at.nanoseconds, time);
}

// Seconds since midnight of a day that the file does not name.
static inline Refusal parse_of_day(Field f, i64 day, Zone& zone, i64& time) {
  i64 since;
  const Refusal code = parse_count(f, 9, since);
  if (code) return code;
  if (since >= 86400000000000) return TIME_RANGE;
  return join(zone.utc(day * 86400 + since / 1000000000), since % 1000000000, time);
}

static inline Refusal parse_time(Field time, Field clock, bool apart, TimeFormat format, i64 day, Zone& zone, i64& out) {
  if (time.begin == time.end) return EMPTY;
  if (format == TimeFormat::of_day) return parse_of_day(time, day, zone, out);
  if (format >= TimeFormat::iso) return parse_iso(time, clock, apart, format, zone, out);
  return parse_count(time, 9 - 3 * static_cast<int>(format), out);
}

}  // namespace tickforge::TICKFORGE_ISA
