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

// Where a value is. `place`: as a place of an array, from its end where negative. Zeros are a key that is not given.
struct Key {
  Field name;
  i32 place;
  bool given, outer, is_place;

  Key() = default;
  explicit Key(Field text) : name(text), place(0), given(true), outer(false), is_place(false) {
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
  u8 form;
  Field up, down;
};

struct Levels : KeySet {
  i8 fixed;  // +1 bids, -1 asks, 0: each says
  bool snapshot, optional;

  // Of each level the price comes first and the size behind it, and nothing else is wanted.
  bool is_pair() const {
    const Key &price = of[PRICE_KEY], &size = of[SIZE_KEY];
    return price.is_place && !price.outer && price.place == 0 && size.is_place && !size.outer && size.place == 1 && !of[TIME_KEY].given;
  }
};

struct RuleHead : KeySet {
  u8 rows, state;
  bool has_each;
  int conditions, words, lists;
  Field each;
  Condition when[most_conditions];
  Field drop[most_words];
};
struct Rule : RuleHead {
  Levels list[most_levels];
};

// Read when they are first asked for, and no more written than was given: for a short message the rest would cost more than the message.
class Rules {
 public:
  int count = 0;
  Key envelope{};

  explicit Rules(In<u8> bytes) {
    for_each({bytes.data, bytes.data + bytes.length}, [&](u8 what, Field data) {
      if (what == ENVELOPE_ITEM) envelope = Key(data);
      if (what == RULE_ITEM && count < most_rules) items_[count++] = {data.begin - 2, data.end};
      else if (what != RULE_ITEM && count > 0) items_[count - 1].end = data.end;
    });
  }
  // In their order: no rule is asked for before the one in front of it was.
  const Rule& operator[](int i) {
    for (; read_ <= i; read_++) {
      Rule& rule = of_[read_];
      static_cast<RuleHead&>(rule) = {};
      for_each(items_[read_], [&](u8 what, Field data) { take(rule, what, data); });
    }
    return of_[i];
  }

 private:
  Rule of_[most_rules];
  Field items_[most_rules];
  int read_ = 0;

  template <class See> static void for_each(Field bytes, See see) {
    const u8* p = bytes.begin;
    while (bytes.end - p >= 2 && bytes.end - p >= 2 + p[1]) {
      see(p[0], Field{p + 2, p + 2 + p[1]});
      p += 2 + p[1];
    }
  }
  static u8 byte(Field data, i64 at) { return at < length_of(data) ? data.begin[at] : 0; }
  static void condition(Rule& rule, u8 how, Field data) {
    if (rule.conditions == most_conditions) return;
    const u8* middle = data.begin;
    while (middle < data.end && *middle) middle++;
    rule.when[rule.conditions++] = {Key({data.begin, middle}), {middle < data.end ? middle + 1 : middle, data.end}, how};
  }
  static void take(Rule& rule, u8 what, Field data) {
    KeySet& keys = rule.lists ? static_cast<KeySet&>(rule.list[rule.lists - 1]) : rule;
    switch (what) {
      case RULE_ITEM: rule.rows = byte(data, 0); return;
      case TEXT_ITEM:
      case PREFIX_ITEM:
      case PRESENT_ITEM:
      case ABSENT_ITEM: return condition(rule, what, data);
      case EACH_ITEM: rule.has_each = true, rule.each = data; return;
      case STATE_ITEM: rule.state = byte(data, 0); return;
      case FORM_ITEM: keys.form = byte(data, 0); return;
      case UP_ITEM: keys.up = data; return;
      case DOWN_ITEM: keys.down = data; return;
      case WORD_ITEM:
        if (rule.words < most_words) rule.drop[rule.words++] = data;
        return;
      case LEVELS_ITEM: {
        if (rule.lists == most_levels) return;
        Levels& list = rule.list[rule.lists++];
        list = {};
        list.fixed = static_cast<i8>(byte(data, 0) == 1 ? 1 : byte(data, 0) == 2 ? -1 : 0);
        list.snapshot = byte(data, 1) & 1;
        list.optional = byte(data, 1) & 2;
        return;
      }
      default:
        if (what >= ROLE_ITEM && what < past_roles) keys.of[what - ROLE_ITEM] = Key(data);
    }
  }
};

}  // namespace tickforge::TICKFORGE_ISA
