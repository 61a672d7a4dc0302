// Contract: src/files/frames/feed_frames.ts; the readable form of a frame is src/files/frames/frame_rows.ts. A message's keys are listed
// once, plain levels are read in that same walk, and records and other levels are gone over where they lie. All rows of a frame are read
// before any of them counts.
#include "abi/state_values.h"
#include "frame_columns.h"
#include "frame_json.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "bytes, spans, received, about, rules, instruments",
                             .options = "aheadSeconds, behindSeconds, symbols",
                             .state = "frames, given, names, nameEnds, nameTable, nameCount",
                             .outputs =
                                 "kind, state, side, priceDigits, sizeDigits, instrument, frame, checksum, time, received, id, first, "
                                 "previous, price, size, ask, askSize"};

namespace {

constexpr i64 most_given = i64{1} << 53, largest = 0x7FFFFFFFFFFFFFFF;

struct Number8 {
  f64 value;
  u8 digits;
};

struct Context {
  Rules& rules;
  SymbolTable symbols;
  i64 received, ahead, behind;
  i32 about;
  Zone zone;
  Pairs& pairs;
};

struct Moment {
  i64 time;
  u8 state;
};

// The values of a record by their role; the first that is wrong stays in `code` and `role`.
struct Fields {
  const KeySet& keys;
  const Members& record;
  const Members& message;
  Refusal code = ACCEPTED;
  int role = 0;

  bool has(int at) const { return keys.of[at].given; }
  const Value* at(int at) const {
    const Key& key = keys.of[at];
    return key.given ? (key.outer ? message : record).find(key) : nullptr;
  }
  bool wrong(Refusal what, int at) { return code = what, role = at, false; }
  bool text(int which, Field& out) {
    const Value* value = at(which);
    if (!value || value->type == Json::NOTHING) return wrong(EMPTY, which);
    if (is_container(*value)) return wrong(NUMBER, which);
    if (length_of(value->text) == 0) return wrong(EMPTY, which);
    if (value->escaped) return wrong(ESCAPE, which);
    return out = value->text, true;
  }
  bool number(int which, Number8& out) {
    Field f;
    if (!text(which, f)) return false;
    const Number how = parse_decimal(f.begin, f.end, out.value);
    if (how != Number::OK) return wrong(how == Number::RANGE ? NUMBER_RANGE : NUMBER, which);
    out.digits = digits_of(f);
    return true;
  }
  // Decimals of a number that is well formed: of its bytes those of an exponent's letter alone have the bit 0x40.
  static u8 digits_of(Field f) {
    const i64 length = length_of(f);
    if (length < 8 || length > 16) return digits_by_byte(f);
    const u64 head = load8(f.begin), tail = load8(f.end - 8);
    if ((head | tail) & 0x4040404040404040) return digits_by_byte(f);
    const u64 early = bytes_equal(head, '.'), late = bytes_equal(tail, '.');
    return static_cast<u8>(early ? length - 1 - __builtin_ctzll(early) / 8 : late ? 7 - __builtin_ctzll(late) / 8 : 0);
  }
  static u8 digits_by_byte(Field f) {
    i64 decimals = 0;
    const u8* p = f.begin;
    while (p < f.end && *p != '.' && lower(*p) != 'e') p++;
    if (p < f.end && *p == '.') {
      const u8* point = ++p;
      while (p < f.end && is_digit(*p)) p++;
      decimals = p - point;
    }
    if (p < f.end) {
      p++;
      const bool small = *p == '-';
      p += small || *p == '+';
      i64 power = 0;
      for (; p < f.end; p++) power = power < 100000 ? power * 10 + (*p - '0') : power;
      decimals += small ? power : -power;
    }
    return static_cast<u8>(decimals < 0 ? 0 : decimals > 255 ? 255 : decimals);
  }
  bool size(int which, Number8& out) {
    if (!number(which, out)) return false;
    if (out.value < 0) return wrong(SIZE, which);
    return out.value += 0.0, true;  // no negative zero
  }
  bool price(int which, Number8& out) { return number(which, out) && (out.value > 0 || wrong(PRICE, which)); }
  bool id(int which, i64& out) {
    out = -1;
    if (!has(which)) return true;
    Field f;
    if (!text(which, f)) return false;
    for (const u8* p = f.begin; p < f.end; p++)
      if (!is_digit(*p)) return wrong(NUMBER, which);
    return parse_count(f, 0, out) == ACCEPTED || wrong(NUMBER_RANGE, which);
  }
  bool side(const KeySet& words, i8& out) {
    Field f;
    if (!text(SIDE_KEY, f)) return false;
    out = same_text(f, words.up) ? i8{1} : i8{-1};
    return out == 1 || same_text(f, words.down) || wrong(SIDE, SIDE_KEY);
  }
  // The time of the exchange, where there is one that can be; and what the row says of it.
  bool time(Context& context, Moment& out, i64 behind) {
    out = {context.received, UNTIMED};
    const Value* value = at(TIME_KEY);
    if (!value || value->type == Json::NOTHING) return true;
    Field f;
    if (!text(TIME_KEY, f)) return false;
    i64 time = 0;
    const Refusal how = parse_time(f, {nullptr, nullptr}, false, static_cast<TimeFormat>(keys.form), 0, context.zone, time);
    if (how != ACCEPTED && how != TIME_RANGE) return wrong(how, TIME_KEY);
    const __int128 late = static_cast<__int128>(time) - context.received;
    if (how == TIME_RANGE || late > context.ahead || -late > behind) out.state |= CLOCK;
    else out = {time, 0};
    return true;
  }
};

struct Wrong {
  Refusal code = ACCEPTED;
  int role = 0;
  u32 instrument = no_instrument;
};

bool trade_rows(Context& context, const Rule& rule, Fields& fields, FrameRow row, Rows& rows) {
  Moment when;
  if (!fields.id(ID_KEY, row.id) || !fields.time(context, when, context.behind)) return false;
  row.time = when.time;
  row.state |= when.state;
  if (fields.has(DROP_KEY)) {
    Field word;
    if (!fields.text(DROP_KEY, word)) return false;
    for (int i = 0; i < rule.words; i++)
      if (same_text(word, rule.drop[i])) return row.kind = DROPPED_ROW, rows.add(row), true;
  }
  Number8 price, size;
  if (!fields.price(PRICE_KEY, price) || !fields.size(SIZE_KEY, size) || !fields.side(rule, row.side)) return false;
  row.kind = TRADE_ROW;
  row.price = price.value, row.price_digits = price.digits;
  row.size = size.value, row.size_digits = size.digits;
  return rows.add(row), true;
}

// NaN where nobody bids or asks: null, or a price of 0.
bool quote_side(Fields& fields, int price_key, int size_key, f64& price, f64& size, u8& digits) {
  const Value* given = fields.at(price_key);
  if (given && given->type == Json::NOTHING) return true;
  Number8 number, amount{nan, 0};
  if (!fields.number(price_key, number)) return false;
  if (number.value < 0) return fields.wrong(PRICE, price_key);
  const Value* known = fields.at(size_key);
  if (known && known->type != Json::NOTHING && !fields.size(size_key, amount)) return false;
  if (number.value == 0) return true;
  price = number.value, size = amount.value;
  if (number.digits > digits) digits = number.digits;
  return true;
}

bool quote_rows(Context& context, Fields& fields, FrameRow row, Rows& rows) {
  Moment when;
  if (!fields.id(ID_KEY, row.id) || !fields.time(context, when, context.behind)) return false;
  row.kind = QUOTE_ROW;
  row.time = when.time;
  row.state |= when.state;
  if (!quote_side(fields, PRICE_KEY, SIZE_KEY, row.price, row.size, row.price_digits)) return false;
  if (!quote_side(fields, ASK_KEY, ASK_SIZE_KEY, row.ask, row.ask_size, row.price_digits)) return false;
  return rows.add(row), true;
}

// `row` holds what all levels of the record have.
bool level_row(Context& context, const Levels& levels, const Members& level, Fields& of_record, Moment when, u8 row_state, FrameRow& row,
               Rows& rows) {
  Fields fields{levels, level, of_record.message};
  Number8 price, size;
  row.side = levels.fixed;
  const bool good = (levels.fixed || fields.side(levels, row.side)) && fields.price(PRICE_KEY, price) && fields.size(SIZE_KEY, size) &&
                    (!levels.of[TIME_KEY].given || fields.time(context, when, largest));  // it may have stood for years
  if (!good) return of_record.wrong(fields.code, fields.role);
  row.time = when.time;
  row.state = static_cast<u8>(row_state | when.state | (levels.snapshot ? SNAPSHOT : 0));
  row.price = price.value, row.price_digits = price.digits;
  row.size = size.value, row.size_digits = size.digits;
  return rows.add(row), true;
}

bool depth_rows(Context& context, const Rule& rule, Fields& fields, FrameRow row, Rows& rows) {
  Moment when;
  if (!fields.id(FIRST_KEY, row.first) || !fields.id(ID_KEY, row.id) || !fields.id(PREVIOUS_KEY, row.previous)) return false;
  if (!fields.time(context, when, context.behind)) return false;
  row.kind = DEPTH_ROW;
  const i64 before = rows.count;
  int lists = 0;
  u8 whole = 0;
  for (int i = 0; i < rule.lists; i++) {
    const Levels& levels = rule.list[i];
    const Value* list = fields.record.find(levels.of[LEVELS_KEY]);
    if (!list && levels.optional) continue;
    if (!list || list->type != Json::ARRAY) return fields.wrong(EMPTY, LEVELS_KEY);
    lists++;
    if (levels.snapshot) whole = SNAPSHOT;
    FrameRow of_level = row;
    if (list->pairs > 0 && levels.fixed && levels.is_pair()) {
      of_level.side = levels.fixed;
      of_level.time = when.time;
      of_level.state = static_cast<u8>(row.state | when.state | (levels.snapshot ? SNAPSHOT : 0));
      rows.add(of_level, context.pairs, list->first_pair, list->pairs);
      continue;
    }
    Members level;
    const auto see = [&](bool container) {
      return container ? level_row(context, levels, level, fields, when, row.state, of_level, rows) : fields.wrong(JSON, LEVELS_KEY);
    };
    if (!each_table_of(*list, level, see)) return false;
  }
  if (lists == 0) return fields.wrong(EMPTY, LEVELS_KEY);
  if (rows.count == before) {
    row.time = when.time;
    row.state |= static_cast<u8>(when.state | NO_LEVEL | whole);
    rows.add(row);
  }
  if (!fields.at(CHECKSUM_KEY)) return true;
  i64 checksum;
  if (!fields.id(CHECKSUM_KEY, checksum)) return false;
  if (checksum > 0xFFFFFFFF) return fields.wrong(NUMBER_RANGE, CHECKSUM_KEY);
  return rows.sum(static_cast<u32>(checksum)), true;
}

bool fits(const Rule& rule, const Members& message) {
  for (int i = 0; i < rule.conditions; i++) {
    const Condition& when = rule.when[i];
    const Value* value = message.find(when.key);
    if (when.how == PRESENT_ITEM || when.how == ABSENT_ITEM) {
      if ((value != nullptr) != (when.how == PRESENT_ITEM)) return false;
      continue;
    }
    if (!value || is_container(*value) || value->type == Json::NOTHING) return false;
    Field text = value->text;
    if (when.how == PREFIX_ITEM && length_of(text) > length_of(when.text)) text.end = text.begin + length_of(when.text);
    if (!same_text(text, when.text)) return false;
  }
  return true;
}

bool record_rows(Context& context, const Rule& rule, const Value* given, const Members& message, Rows& rows, Wrong& wrong) {
  Members own;
  if (given) {
    if (!is_container(*given)) return wrong = {JSON, LEVELS_KEY}, false;
    table_of(*given, own);
  }
  Fields fields{rule, given ? own : message, message};
  FrameRow row{.kind = TRADE_ROW, .state = rule.state};
  bool good = true;
  if (fields.has(SYMBOL_KEY)) {
    Field symbol;
    good = fields.text(SYMBOL_KEY, symbol) && (context.symbols.find(symbol, row.instrument, false) == ACCEPTED || fields.wrong(SYMBOL, SYMBOL_KEY));
    if (!good) row.instrument = no_instrument;
  } else if (context.about < 0) {
    good = fields.wrong(EMPTY, SYMBOL_KEY);
  } else {
    row.instrument = static_cast<u32>(context.about);
  }
  if (good) {
    if (rule.rows == TRADE_ROWS) good = trade_rows(context, rule, fields, row, rows);
    else if (rule.rows == QUOTE_ROWS) good = quote_rows(context, fields, row, rows);
    else good = depth_rows(context, rule, fields, row, rows);
  }
  if (!good) wrong = {fields.code, fields.role, row.instrument};
  return good;
}

// The array that the keys of `each` lead to.
bool list_of(const Rule& rule, const Value& root, const Members& message, Value& list) {
  list = root;
  const Members* table = &message;
  Members inner;
  for (const u8* p = rule.each.begin; p < rule.each.end;) {
    const u8* start = p;
    while (p < rule.each.end && *p != '.') p++;
    const Field name{start, p};
    p += p < rule.each.end;
    if (!is_container(list)) return false;
    if (table != &message) table_of(list, inner);
    const Value* found = nullptr;
    if (length_of(name) == 1 && *name.begin == '*') {
      for (int i = 0; !table->array && !found && i < table->count && i < most_keys; i++)
        if (table->value[i].type == Json::ARRAY) found = &table->value[i];
    } else {
      found = table->find(Key(name));
    }
    if (!found) return false;
    list = *found;
    table = &inner;
  }
  return list.type == Json::ARRAY;
}

// False where the frame fits a rule and is wrong, or is no JSON; `notice` where it fits none.
bool frame_rows(Context& context, Field frame, Rows& rows, Wrong& wrong, bool& notice) {
  Members outer, inner;
  bool enveloped = false;
  context.pairs.count = 0;
  JsonReader reader{frame.begin, frame.end, &context.pairs};
  reader.blanks();
  const u8* start = reader.p;
  wrong = {JSON, SYMBOL_KEY};
  if (start == reader.end || (*start != '{' && *start != '[')) return false;
  if (!reader.table(outer, 1, &context.rules.envelope, &inner, &enveloped)) return false;
  const Value root{{start, reader.p}, *start == '{' ? Json::OBJECT : Json::ARRAY, false, 0, 0};
  reader.blanks();
  if (reader.p != reader.end) return false;
  const Members& message = enveloped && outer.count <= most_keys ? inner : outer;
  const Rule* rule = nullptr;
  for (int i = 0; i < context.rules.count && !rule; i++)
    if (fits(context.rules[i], message)) rule = &context.rules[i];
  notice = rule == nullptr;
  if (notice) return true;
  if (!rule->has_each) return record_rows(context, *rule, nullptr, message, rows, wrong);
  wrong = {EMPTY, LEVELS_KEY};
  if (length_of(rule->each) == 2 && (rule->each.begin[0] == '{' || rule->each.begin[0] == '[')) {
    if (!message.array || message.count > most_keys) return false;
    const Json wanted = rule->each.begin[0] == '{' ? Json::OBJECT : Json::ARRAY;
    for (int i = 0; i < message.count; i++)
      if (message.value[i].type == wanted && !record_rows(context, *rule, &message.value[i], message, rows, wrong)) return false;
    return true;
  }
  Value list;
  if (!list_of(*rule, root, message, list)) return false;
  return each_of(list, [&](Field, const Value& record) { return record_rows(context, *rule, &record, message, rows, wrong); });
}

void learn(SymbolTable& symbols, In<u8> instruments) {
  u32 id;
  for (i64 at = 0; at < instruments.length && at + 1 + instruments[at] <= instruments.length; at += 1 + instruments[at])
    symbols.find({instruments.data + at + 1, instruments.data + at + 1 + instruments[at]}, id);
}

}  // namespace

Status feed_frames(In<u8> bytes, In<u32> spans, In<i64> received, In<i32> about, In<u8> rules, In<u8> instruments, i32 ahead_seconds,
                   i32 behind_seconds, i32, State<i64> frames, State<i64> given, State<u8> name_bytes, State<u32> name_ends, State<u32> name_table,
                   State<u32> name_count, Out<u8> kind, Out<u8> state, Out<i8> side, Out<u8> price_digits, Out<u8> size_digits, Out<u32> instrument,
                   Out<u32> frame, Out<u32> checksum, Out<i64> time, Out<i64> receipt, Out<i64> id, Out<i64> first, Out<i64> previous, Out<f64> price,
                   Out<f64> size, Out<f64> ask, Out<f64> ask_size) {
  Rules read(rules);
  const Columns out{kind,    state, side,  price_digits, size_digits, instrument, frame, checksum, time,
                    receipt, id,    first, previous,     price,       size,       ask,   ask_size};
  Pairs pairs;
  Context context{.rules = read,
                  .symbols = {name_bytes, name_ends, name_table, name_count},
                  .received = 0,
                  .ahead = i64{ahead_seconds} * 1000000000,
                  .behind = i64{behind_seconds} * 1000000000,
                  .about = -1,
                  .zone = {{nullptr, 0}},
                  .pairs = pairs};
  if (name_count[0] == 0) learn(context.symbols, instruments);
  frames[0] = length_of(frames[0], most_given);
  i64 produced = 0;
  for (i64 at = 0; at < received.length; at++) {
    const i64 room = kind.length - produced;
    if (room == 0) return took(at, produced);
    const u32 begin = spans[2 * at], end = spans[2 * at + 1];
    const bool lies_here = begin <= end && end <= bytes.length;
    context.received = received[at];
    context.about = about[at] < static_cast<i64>(name_count[0]) ? about[at] : -1;
    Rows rows{out, produced, length_of(given[0], most_given), room, static_cast<u32>(frames[0]), received[at]};
    Wrong wrong;
    bool notice = false;
    const bool good = frame_rows(context, {bytes.data + (lies_here ? begin : 0), bytes.data + (lies_here ? end : 0)}, rows, wrong, notice);
    if (!good || notice) {
      rows.count = 0;
      FrameRow row{.kind = notice ? NOTICE_ROW : REFUSED_ROW, .time = received[at]};
      if (!notice) row.instrument = wrong.instrument, row.id = wrong.code, row.previous = wrong.role;
      rows.skip = 0;
      rows.add(row);
    }
    rows.mark(LAST_ROW);
    const i64 left = rows.count - rows.skip;
    if (left > room) {
      given[0] = rows.skip + room;
      return took(at, produced + room);
    }
    given[0] = 0;
    frames[0]++;
    produced += left > 0 ? left : 0;
  }
  return took(received.length, produced);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(feed_frames)
