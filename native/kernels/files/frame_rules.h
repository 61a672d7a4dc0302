// Rules by which messages become rows, read from their bytes. Contract: src/files/frames/feed_frames.ts; the numbers are those of
// src/files/frames/frame_rules.ts. Nothing is copied: texts lie where they came.
#pragma once
#include "trade_time.h"

namespace tickforge::TICKFORGE_ISA {

enum FrameRole {
  SYMBOL_KEY,
  TIME_KEY,
  PRICE_KEY,
  SIZE_KEY,
  SIDE_KEY,
  ID_KEY,
  ASK_KEY,
  ASK_SIZE_KEY,
  FIRST_KEY,
  PREVIOUS_KEY,
  CHECKSUM_KEY,
  DROP_KEY,
  LEVELS_KEY,
  FRAME_ROLES
};
enum RuleRows : u8 { TRADE_ROWS, QUOTE_ROWS, DEPTH_ROWS };
enum RuleItem : u8 {
  RULE_ITEM = 1,
  TEXT_ITEM,
  PREFIX_ITEM,
  PRESENT_ITEM,
  ABSENT_ITEM,
  EACH_ITEM,
  STATE_ITEM,
  FORM_ITEM,
  UP_ITEM,
  DOWN_ITEM,
  WORD_ITEM,
  LEVELS_ITEM,
  ENVELOPE_ITEM,
  ROLE_ITEM = 32
};
constexpr u8 past_roles = ROLE_ITEM + static_cast<u8>(FRAME_ROLES);
constexpr int most_rules = 16, most_conditions = 4, most_words = 8, most_levels = 4;

static inline i64 length_of(Field f) { return f.end - f.begin; }
static inline bool same_text(Field a, Field b) {
  return length_of(a) == length_of(b) && __builtin_memcmp(a.begin, b.begin, static_cast<size_t>(length_of(a))) == 0;
}

// Where a value is. `place`: as a place of an array, from its end where negative.
struct Key {
  Field name{nullptr, nullptr};
  i32 place = 0;
  bool given = false, outer = false, is_place = false;

  Key() = default;
  explicit Key(Field text) : name(text), given(true) {
    if (length_of(name) && *name.begin == '^') outer = true, name.begin++;
    const u8* p = name.begin;
    const bool negative = p < name.end && *p == '-';
    p += negative;
    is_place = p < name.end && name.end - p <= 3;
    for (; p < name.end; p++) {
      is_place = is_place && is_digit(*p);
      place = is_place ? place * 10 + (*p - '0') : 0;
    }
    if (negative) place = -place;
  }
};

struct Condition {
  Key key;
  Field text;
  u8 how;
};

// Of a rule, or of a list of levels in it.
struct KeySet {
  Key of[FRAME_ROLES];
  u8 form = 0;
  Field up{nullptr, nullptr}, down{nullptr, nullptr};
};

struct Levels : KeySet {
  i8 fixed = 0;  // +1 bids, -1 asks, 0: each says
  bool snapshot = false, optional = false;
};

struct Rule : KeySet {
  u8 rows = 0, state = 0;
  bool has_each = false;
  int conditions = 0, words = 0, lists = 0;
  Field each{nullptr, nullptr};
  Condition when[most_conditions];
  Field drop[most_words];
  Levels list[most_levels];
};

struct Rules {
  Rule of[most_rules];
  int count = 0;
  Key envelope;

  explicit Rules(In<u8> bytes) {
    for (i64 at = 0; at + 2 <= bytes.length && at + 2 + bytes[at + 1] <= bytes.length; at += 2 + bytes[at + 1])
      take(bytes[at], {bytes.data + at + 2, bytes.data + at + 2 + bytes[at + 1]});
  }

 private:
  static u8 byte(Field data, i64 at) { return at < length_of(data) ? data.begin[at] : 0; }
  void condition(u8 how, Field data) {
    Rule& rule = of[count - 1];
    if (rule.conditions == most_conditions) return;
    const u8* middle = data.begin;
    while (middle < data.end && *middle) middle++;
    rule.when[rule.conditions++] = {Key({data.begin, middle}), {middle < data.end ? middle + 1 : middle, data.end}, how};
  }
  void take(u8 what, Field data) {
    if (what == ENVELOPE_ITEM) envelope = Key(data);
    if (what == RULE_ITEM && count < most_rules) of[count++].rows = byte(data, 0);
    if (count == 0 || what == ENVELOPE_ITEM || what == RULE_ITEM) return;
    Rule& rule = of[count - 1];
    KeySet& keys = rule.lists ? static_cast<KeySet&>(rule.list[rule.lists - 1]) : rule;
    switch (what) {
      case TEXT_ITEM:
      case PREFIX_ITEM:
      case PRESENT_ITEM:
      case ABSENT_ITEM: return condition(what, data);
      case EACH_ITEM: rule.has_each = true, rule.each = data; return;
      case STATE_ITEM: rule.state = byte(data, 0); return;
      case FORM_ITEM: keys.form = byte(data, 0); return;
      case UP_ITEM: keys.up = data; return;
      case DOWN_ITEM: keys.down = data; return;
      case WORD_ITEM:
        if (rule.words < most_words) rule.drop[rule.words++] = data;
        return;
      case LEVELS_ITEM:
        if (rule.lists == most_levels) return;
        rule.list[rule.lists].fixed = static_cast<i8>(byte(data, 0) == 1 ? 1 : byte(data, 0) == 2 ? -1 : 0);
        rule.list[rule.lists].snapshot = byte(data, 1) & 1;
        rule.list[rule.lists++].optional = byte(data, 1) & 2;
        return;
      default:
        if (what >= ROLE_ITEM && what < past_roles) keys.of[what - ROLE_ITEM] = Key(data);
    }
  }
};

}  // namespace tickforge::TICKFORGE_ISA
