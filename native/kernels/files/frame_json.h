// JSON as JSON.parse takes it and no other, of which one object or array is looked into at a time. Contract: src/files/frames/feed_frames.ts.
// Nothing is copied: texts lie where they came, those of strings without their quotes.
#pragma once
#include "frame_pairs.h"
#include "json_text.h"

namespace tickforge::TICKFORGE_ISA {

constexpr int most_keys = 64, deepest_frame = 32;

enum class Json : u8 { STRING, SCALAR, NOTHING, OBJECT, ARRAY };  // SCALAR: a number, true or false
struct Value {
  Field text;
  Json type;
  bool escaped;
  int first_pair, pairs;  // of a list of levels those that were read already
};
static inline bool is_container(const Value& value) { return value.type >= Json::OBJECT; }

// What is in an object or array; an object with more than `most_keys` has none that are known, of a longer array the first are.
struct Members {
  Field key[most_keys];
  Value value[most_keys];
  int count;
  bool array;

  const Value* find(const Key& wanted) const {
    if (array) {
      // Of a longer list the first are known.
      const int place = wanted.place < 0 ? count + wanted.place : wanted.place;
      return wanted.is_place && place >= 0 && place < count && (count <= most_keys || place < most_keys - 1) ? &value[place] : nullptr;
    }
    if (count > most_keys) return nullptr;
    for (int i = count; i-- > 0;)
      if (same_text(key[i], wanted.name)) return &value[i];
    return nullptr;
  }
};

// The high bit of each byte of a word that is a control character; above the first that is, bits may be set too many.
static inline u64 bytes_below_space(u64 word) { return (word - 0x2020202020202020) & ~word & 0x8080808080808080; }

struct JsonReader {
  const u8* p;
  const u8* end;
  Pairs* pairs = nullptr;  // where levels are read as they are met

  void blanks() {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) p++;
  }
  bool hex_digits(int count) {
    for (; count > 0 && p < end && (is_digit(*p) || (lower(*p) >= 'a' && lower(*p) <= 'f')); count--) p++;
    return count == 0;
  }
  bool string(Field& text, bool& escaped) {  // p at its first quote
    const u8* start = ++p;
    escaped = false;
    for (;;) {
      while (end - p >= 8) {
        const u64 word = load8(p), found = bytes_equal(word, '"') | bytes_equal(word, '\\') | bytes_below_space(word);
        p += found ? __builtin_ctzll(found) / 8 : 8;
        if (found) break;
      }
      while (p < end && *p != '"' && *p != '\\' && *p >= ' ') p++;
      if (p == end || *p < ' ') return false;
      if (*p++ == '"') return text = {start, p - 1}, true;
      escaped = true;
      if (p == end) return false;
      const u8 c = *p++;
      if (c == 'u' ? !hex_digits(4) : !(c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't')) return false;
    }
  }
  bool digits() {
    const u8* start = p;
    while (p < end && is_digit(*p)) p++;
    return p > start;
  }
  bool number() {
    if (*p == '-') p++;
    if (p < end && *p == '0') p++;
    else if (!digits()) return false;
    if (p < end && *p == '.' && (p++, !digits())) return false;
    if (p < end && lower(*p) == 'e') {
      p++;
      if (p < end && (*p == '+' || *p == '-')) p++;
      if (!digits()) return false;
    }
    return true;
  }
  bool word(const char* letters, i64 length) {
    if (end - p < length || __builtin_memcmp(p, letters, static_cast<size_t>(length)) != 0) return false;
    p += length;
    return true;
  }
  bool value(Value& out, int depth) {
    if (p == end) return false;
    const u8* start = p;
    out.escaped = false;
    out.type = Json::SCALAR;
    out.pairs = 0;
    switch (*p) {
      case '"': return out.type = Json::STRING, string(out.text, out.escaped);
      case '{':
      case '[':
        out.type = *p == '{' ? Json::OBJECT : Json::ARRAY;
        if (pairs && depth < deepest_frame) {
          out.first_pair = pairs->count;
          out.pairs = *p == '[' ? pairs->take(p, end) : 0;
          if (out.pairs > 0) break;
        }
        if (!stepped_over(depth)) return false;
        break;
      case 't':
        if (!word("true", 4)) return false;
        break;
      case 'f':
        if (!word("false", 5)) return false;
        break;
      case 'n':
        out.type = Json::NOTHING;
        if (!word("null", 4)) return false;
        break;
      default:
        if (!number()) return false;
    }
    out.text = {start, p};
    return true;
  }
  // One after the other: `see(key, value)`; keys of arrays are empty. p at the bracket, `depth` that of what it opens.
  template <class See> bool members(int depth, See see) {
    if (depth > deepest_frame) return false;
    const bool keyed = *p++ == '{';
    const u8 bracket = keyed ? '}' : ']';
    blanks();
    if (p < end && *p == bracket) return p++, true;
    for (;;) {
      Field key{p, p};
      bool escaped = false;
      if (keyed) {
        if (p == end || *p != '"' || !string(key, escaped)) return false;
        blanks();
        if (p == end || *p++ != ':') return false;
        blanks();
      }
      if (!see(key)) return false;
      blanks();
      if (p == end) return false;
      const u8 c = *p++;
      if (c == bracket) return true;
      if (c != ',') return false;
      blanks();
    }
  }
  bool stepped_over(int depth) {
    return members(depth, [&](Field) {
      Value passed;
      return value(passed, depth + 1);
    });
  }
  // `inner` takes what lies under `envelope`, where that is an object; `enveloped` tells whether it did.
  bool table(Members& out, int depth, const Key* envelope = nullptr, Members* inner = nullptr, bool* enveloped = nullptr) {
    out.array = *p == '[';
    out.count = 0;
    return members(depth, [&](Field key) {
      const int i = out.count < most_keys ? out.count : most_keys - 1;
      out.count++;
      const bool opens = envelope && envelope->given && !out.array && same_text(key, envelope->name);
      if (opens) *enveloped = p < end && *p == '{';
      out.key[i] = key;
      if (!opens || !*enveloped) return value(out.value[i], depth + 1);
      const u8* start = p;
      if (!table(*inner, depth + 1)) return false;
      out.value[i] = {{start, p}, Json::OBJECT, false, 0, 0};
      return true;
    });
  }
};

// A text that was read before.
static inline bool table_of(const Value& container, Members& out) {
  JsonReader reader{container.text.begin, container.text.end};
  return reader.table(out, 1);
}
template <class See> static inline bool each_of(const Value& container, See see) {
  JsonReader reader{container.text.begin, container.text.end};
  return reader.members(1, [&](Field key) {
    Value value;
    return reader.value(value, 2) && see(key, value);
  });
}

// The same where each is wanted as a table: it is read once. `see` is told whether there is one.
template <class See> static inline bool each_table_of(const Value& container, Members& table, See see) {
  JsonReader reader{container.text.begin, container.text.end};
  return reader.members(1, [&](Field) {
    Value passed;
    const bool opens = *reader.p == '[' || *reader.p == '{';
    return (opens ? reader.table(table, 2) : reader.value(passed, 2)) && see(opens);
  });
}

}  // namespace tickforge::TICKFORGE_ISA
