// Why a row is refused; sides, kinds and symbols of a trade file's fields. Contract: src/files/kernels/delimited_trades.ts.
#pragma once
#include "decimal.h"
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

// Why a row is refused; the same numbers as `refusals` in src/files/kernels/refusals.ts.
enum Refusal : i32 {
  ACCEPTED,
  COLUMNS,
  QUOTE,
  EMPTY,
  NUMBER,
  NUMBER_RANGE,
  PRICE,
  SIZE,
  TIME,
  TIME_RANGE,
  SIDE,
  SYMBOL,
  SYMBOLS_FULL,
  LINE_LONG,
  TIME_BACKWARDS,
  KIND,
  JSON,
  ESCAPE,
  PASSED = -1  // no refusal: the row is not a trade that was asked for
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

// The whole rule, quotes included: a field whose first byte is a quote ends at the next single one, on the same line; where
// it does not, its first byte is returned.
template <class Put> static inline const u8* split_fields(const u8* at, const u8* end, u8 separator, Put put) {
  for (;; at++) {
    const u8* start = at;
    while (start < end && blank(*start, separator)) start++;
    if (start < end && *start == '"') {
      const u8* close = start + 1;
      while (close < end && (*close != '"' || (close + 1 < end && close[1] == '"'))) close += *close == '"' ? 2 : 1;
      const u8* after = close + 1;
      while (after < end && blank(*after, separator)) after++;
      if (close >= end || (after < end && *after != separator)) return start;
      put(Field{start + 1, close});
      at = after;
    } else {
      const u8* close = start;
      while (close < end && *close != separator) close++;
      put(Field{at, close});
      at = close;
    }
    if (at >= end) return nullptr;
  }
}
static inline u8 lower(u8 c) { return c >= 'A' && c <= 'Z' ? c | 32 : c; }

// What a word means: [meaning][length][bytes] one after the other; the same numbers as in src/files/kernels/words.ts.
enum Meaning : i32 { UNKNOWN_WORD = -1, NO_SIDE, BUY, SELL, TAKE, ONLY, FIRST_PASSED = 16 };

static inline bool same_letters(const u8* a, const u8* b, i64 length, bool any_case) {
  for (i64 i = 0; i < length; i++)
    if (any_case ? lower(a[i]) != lower(b[i]) : a[i] != b[i]) return false;
  return true;
}

// The meaning of a field among those that `wanted` accepts.
template <class Wanted> static inline i32 meaning_of(Field f, In<u8> words, bool any_case, Wanted wanted) {
  const i64 length = f.end - f.begin;
  for (i64 at = 0; at + 2 <= words.length && at + 2 + words[at + 1] <= words.length; at += 2 + words[at + 1])
    if (words[at + 1] == length && wanted(words[at]) && same_letters(f.begin, words.data + at + 2, length, any_case)) return words[at];
  return UNKNOWN_WORD;
}

static inline Refusal parse_side(Field f, In<u8> words, i8& side) {
  side = 0;
  if (f.begin == f.end) return ACCEPTED;
  const i32 meaning = meaning_of(f, words, true, [](i32 m) { return m <= SELL; });
  if (meaning == UNKNOWN_WORD) return SIDE;
  side = static_cast<i8>(meaning == BUY ? 1 : meaning == SELL ? -1 : 0);
  return ACCEPTED;
}

static inline i32 kind_of(Field f, In<u8> words) {
  return meaning_of(f, words, true, [](i32 m) { return m == TAKE || m >= FIRST_PASSED; });
}

// Whether any symbols are asked for by name; the others are passed over.
static inline bool some_only(In<u8> words) {
  for (i64 at = 0; at + 2 <= words.length; at += 2 + words[at + 1])
    if (words[at] == ONLY) return true;
  return false;
}

// Symbols in order of appearance: names one after the other, where each ends, and a table of hash and id + 1.
struct SymbolTable {
  State<u8> names;
  State<u32> ends, table, count;
  i64 latest = -1;

  bool equals(i64 id, Field f) const {
    if (id >= ends.length) return false;
    const i64 start = id ? ends[id - 1] : 0, end = ends[id];
    const i64 length = f.end - f.begin;
    return end - start == length && end <= names.length && __builtin_memcmp(&names[start], f.begin, static_cast<size_t>(length)) == 0;
  }
  // One that is not there is added, or refused.
  Refusal find(Field f, u32& out, bool add = true) {
    const i64 length = f.end - f.begin;
    if (length == 0 || length > 255) return length ? SYMBOL : EMPTY;
    if (latest >= 0 && equals(latest, f)) return out = static_cast<u32>(latest), ACCEPTED;
    u32 hash = 2166136261;  // FNV-1a
    for (const u8* p = f.begin; p < f.end; p++) hash = (hash ^ *p) * 16777619;
    const i64 places = table.length / 2, known = count[0];
    i64 place = hash % places, left = places;
    for (; table[2 * place + 1]; place = place + 1 < places ? place + 1 : 0) {
      if (left-- == 0) return SYMBOLS_FULL;
      if (table[2 * place] != hash || !equals(table[2 * place + 1] - 1, f)) continue;
      latest = table[2 * place + 1] - 1;
      return out = static_cast<u32>(latest), ACCEPTED;
    }
    if (!add) return SYMBOL;
    if (known >= ends.length) return SYMBOLS_FULL;
    const i64 start = known ? ends[known - 1] : 0;
    if (start + length > names.length) return SYMBOLS_FULL;
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
