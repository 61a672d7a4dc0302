// Fields of a JSON record, found by their paths. Contract: src/files/kernels/delimited_trades.ts; the readable form is
// src/files/kernels/json_line.ts. What no path leads to is stepped over by its quotes and brackets, and not looked at otherwise.
#pragma once
#include "trade_fields.h"

namespace tickforge::TICKFORGE_ISA {

constexpr int most_paths = 8;

// Keys from the outermost to that of the value, with points between: "data.p"; places of an array as numbers: "2".
struct Paths {
  Field of[most_paths];

  // [role][length][bytes] one after the other.
  explicit Paths(OptionalIn<u8> keys) : of() {
    for (i64 at = 0; at + 2 <= keys.length && at + 2 + keys[at + 1] <= keys.length; at += 2 + keys[at + 1])
      if (keys[at] < most_paths) of[keys[at]] = {keys.data + at + 2, keys.data + at + 2 + keys[at + 1]};
  }
};

// The high bit of each byte of a word that is `c`; above the first that is, bits may be set too many.
static inline u64 bytes_equal(u64 word, u8 c) {
  const u64 x = word ^ (0x0101010101010101 * c);
  return (x - 0x0101010101010101) & ~x & 0x8080808080808080;
}

static inline bool json_blank(u8 c) { return c == ' ' || c == '\t' || c == '\r'; }
static inline bool json_scalar(u8 c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '+' || c == '.'; }

// Walks one record. `found(path, field)` says whether to go on; `escaped` is the path of a string with a backslash.
template <class Found> struct JsonWalk {
  const u8* p;
  const u8* end;
  const Paths& paths;
  Found found;
  int escaped = -1;
  bool stopped = false;

  void blanks() {
    while (p < end && json_blank(*p)) p++;
  }
  bool string() {  // p at its first quote
    p++;
    for (;;) {
      while (end - p >= 8) {
        const u64 word = load8(p), found = bytes_equal(word, '"') | bytes_equal(word, '\\');
        p += found ? __builtin_ctzll(found) / 8 : 8;
        if (found) break;
      }
      while (p < end && *p != '"' && *p != '\\') p++;
      if (p == end) return false;
      if (*p++ == '"') return true;
      if (p == end) return false;
      p++;  // what a backslash is before
    }
  }
  bool container() {  // p at its first bracket
    for (i64 depth = 0; p < end;) {
      const u8 c = *p;
      if (c == '"') {
        if (!string()) return false;
        continue;
      }
      p++;
      depth += (c == '{' || c == '[') - (c == '}' || c == ']');
      if (depth == 0) return true;
    }
    return false;
  }

  // Paths that are left, from where on: bits of `mask`, `rest` of each.
  struct Open {
    u32 mask;
    Field rest[most_paths];
  };

  bool value(Field key, const Open& open) {
    u32 here = 0;
    Open inside;
    inside.mask = 0;
    const i64 length = key.end - key.begin;
    for (u32 left = open.mask; left; left &= left - 1) {
      const int path = __builtin_ctz(left);
      const Field rest = open.rest[path];
      if (rest.end - rest.begin < length || (length > 0 && *rest.begin != *key.begin) ||
          __builtin_memcmp(rest.begin, key.begin, static_cast<size_t>(length)) != 0)
        continue;
      if (rest.end - rest.begin == length) here |= u32{1} << path;
      else if (rest.begin[length] == '.') inside.mask |= u32{1} << path, inside.rest[path] = {rest.begin + length + 1, rest.end};
    }
    const u8* start = p;
    if (p == end) return false;
    Field field;
    if (*p == '"') {
      if (!string()) return false;
      field = {start + 1, p - 1};
      if (here && __builtin_memchr(field.begin, '\\', static_cast<size_t>(field.end - field.begin))) escaped = __builtin_ctz(here);
    } else if (*p == '{' || *p == '[') {
      if (!(inside.mask ? *p == '{' ? object(inside) : array(inside) : container())) return false;
      field = {start, p};
    } else {
      while (p < end && json_scalar(*p)) p++;
      if (p == start) return false;
      field = {start, p};
      if (p - start == 4 && __builtin_memcmp(start, "null", 4) == 0) field.begin = p;
    }
    for (; here && !stopped; here &= here - 1) stopped = !found(__builtin_ctz(here), field);
    return true;
  }

  // After a value: true at the closing bracket, which is taken too; `more` where another value follows.
  bool closed(u8 bracket, bool& more) {
    blanks();
    more = p < end && *p == ',';
    if (p == end || (!more && *p != bracket)) return false;
    return p++, true;
  }

  bool object(const Open& open) {
    p++;
    blanks();
    if (p < end && *p == '}') return p++, true;
    for (bool more = true; more;) {
      blanks();
      const u8* key = p;
      if (p == end || *p != '"' || !string()) return false;
      const Field name{key + 1, p - 1};
      blanks();
      if (p == end || *p != ':') return false;
      p++;
      blanks();
      if (!value(name, open)) return false;
      if (stopped) return true;
      if (!closed('}', more)) return false;
    }
    return true;
  }

  bool array(const Open& open) {
    p++;
    blanks();
    if (p < end && *p == ']') return p++, true;
    u32 place = 0;
    for (bool more = true; more; place++) {
      u8 digits[10];
      int first = 10;
      for (u32 left = place; first == 10 || left; left /= 10) digits[--first] = static_cast<u8>('0' + left % 10);
      blanks();
      if (!value({digits + first, digits + 10}, open)) return false;
      if (stopped) return true;
      if (!closed(']', more)) return false;
    }
    return true;
  }

  // A number may stand before the record, such as the time at which it arrived. True where the line is one record, or was stopped.
  bool record() {
    while (p < end && (is_digit(*p) || json_blank(*p))) p++;
    Open open{0, {}};
    for (int path = 0; path < most_paths; path++)
      if (paths.of[path].begin != paths.of[path].end) open.mask |= u32{1} << path, open.rest[path] = paths.of[path];
    if (p == end || !(*p == '{' ? object(open) : *p == '[' && array(open))) return false;
    if (stopped) return true;
    blanks();
    return p == end;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
