// One line of a trade file -> one trade, or why not. Contract: src/files/kernels/delimited_trades.ts.
#pragma once
#include "json_text.h"
#include "trade_fields.h"
#include "trade_time.h"

namespace tickforge::TICKFORGE_ISA {

enum PassedKind { OTHER_KIND, OTHER_SYMBOL, FIRST_KIND };
enum Role { TIME_FIELD, CLOCK_FIELD, PRICE_FIELD, SIZE_FIELD, SIDE_FIELD, SYMBOL_FIELD, KIND_FIELD, NO_FIELD };
constexpr i32 most_columns = 512;

struct Shape {
  u8 separator;
  Written written;
  i32 columns;
  i32 column_of[NO_FIELD];
  TimeFormat time_format;
  i32 signed_size, instrument, price_scale, day;
  bool other_kinds, json, only;
  i32 last_column;  // the last with a role
  u8 role_of[most_columns + 1];

  bool has(Role role) const { return column_of[role] >= 0; }
};

// What does not change from line to line; the symbols that are known do.
struct Context {
  Shape shape;
  In<u8> words;
  Paths paths;
  Zone zone;
  SymbolTable symbols;
};

struct Line {
  const u8* begin;
  const u8* end;
};

struct Trade {
  i64 time;
  f64 price, size;
  u32 instrument;
  i8 side;
};

struct Bad {
  Refusal code;
  i64 column;
  Field field;
};

static inline Bad good() { return {ACCEPTED, 0, {nullptr, nullptr}}; }

// Fields by role; what has no role lands in the last place.
struct Fields {
  Field of[NO_FIELD + 1];
  i64 count;
};

static inline void put(const Shape& shape, Fields& fields, const u8* begin, const u8* end) {
  const i64 column = fields.count < most_columns ? fields.count : most_columns;
  fields.of[shape.role_of[column]] = {begin, end};
  fields.count++;
}

static inline Bad split(const Shape& shape, Line line, Fields& fields) {
  fields.count = 0;
  const u8* open = split_fields(line.begin, line.end, shape.separator, [&](Field f) { put(shape, fields, f.begin, f.end); });
  return open ? Bad{QUOTE, fields.count, {open, line.end}} : good();
}

static inline Bad wrong(const Shape& shape, const Fields& fields, Role role, Refusal code) { return {code, shape.column_of[role], fields.of[role]}; }

static inline Refusal real(Field f, Written written, f64& out, i32 scale = 0) {
  switch (parse_marked(f.begin, f.end, written, out, scale)) {
    case Number::OK: return ACCEPTED;
    case Number::EMPTY: return EMPTY;
    case Number::MALFORMED: return NUMBER;
    default: return NUMBER_RANGE;
  }
}

// Whether this row is one that was asked for: ACCEPTED, PASSED or a refusal.
static inline Bad choose(const Context& context, const Fields& fields, State<i64> kinds) {
  const Shape& shape = context.shape;
  if (shape.has(KIND_FIELD)) {
    const i32 meaning = kind_of(fields.of[KIND_FIELD], context.words);
    if (meaning == UNKNOWN_WORD && !shape.other_kinds) return wrong(shape, fields, KIND_FIELD, KIND);
    if (meaning != TAKE) {
      const i64 place = meaning == UNKNOWN_WORD ? i64{OTHER_KIND} : FIRST_KIND + meaning - FIRST_PASSED;
      kinds[place < kinds.length ? place : i64{OTHER_KIND}]++;
      return {PASSED, 0, {nullptr, nullptr}};
    }
  }
  if (!shape.only || !shape.has(SYMBOL_FIELD)) return good();
  const Field symbol = fields.of[SYMBOL_FIELD];
  const bool asked = symbol.begin == symbol.end || meaning_of(symbol, context.words, false, [](i32 m) { return m == ONLY; }) == ONLY;
  return asked ? good() : (kinds[OTHER_SYMBOL]++, Bad{PASSED, 0, {nullptr, nullptr}});
}

static inline Refusal read_price(Field f, Written written, i32 scale, f64& price) {
  const Refusal code = real(f, written, price, scale);
  if (code) return code;
  // The largest integer stands for no price where prices are integers of 1e-9.
  return price > 0 && !(scale == 9 && price >= 9223372036854775808.0 / 1e9) ? ACCEPTED : PRICE;
}

static inline Bad read(Context& context, const Fields& fields, i64 last_time, Trade& trade) {
  const Shape& shape = context.shape;
  const Field* of = fields.of;
  Refusal code = parse_time(of[TIME_FIELD], of[CLOCK_FIELD], shape.has(CLOCK_FIELD), shape.time_format, shape.day, context.zone, trade.time);
  if (code) return wrong(shape, fields, TIME_FIELD, code);
  code = read_price(of[PRICE_FIELD], shape.written, shape.price_scale, trade.price);
  if (code) return wrong(shape, fields, PRICE_FIELD, code);
  code = real(of[SIZE_FIELD], shape.written, trade.size);
  if (!code && trade.size < 0 && !shape.signed_size) code = SIZE;
  if (code) return wrong(shape, fields, SIZE_FIELD, code);
  trade.side = 0;
  if (shape.signed_size) {
    trade.side = static_cast<i8>((trade.size > 0) - (trade.size < 0));
    trade.size = __builtin_fabs(trade.size);
  }
  trade.size += 0.0;  // no negative zero
  if (shape.has(SIDE_FIELD) && (code = parse_side(of[SIDE_FIELD], context.words, trade.side))) return wrong(shape, fields, SIDE_FIELD, code);
  if (trade.time < last_time) return wrong(shape, fields, TIME_FIELD, TIME_BACKWARDS);
  trade.instrument = static_cast<u32>(shape.instrument);
  if (shape.has(SYMBOL_FIELD) && (code = context.symbols.find(of[SYMBOL_FIELD], trade.instrument))) return wrong(shape, fields, SYMBOL_FIELD, code);
  return good();
}

// The fields of a line: `fields` has them already where it is delimited and not `quoted`.
static inline Bad fields_of(const Context& context, Line line, bool quoted, Fields& fields) {
  const Shape& shape = context.shape;
  if (shape.json) {
    for (Field& f : fields.of) f = {line.end, line.end};
    const auto found = [&](int role, Field f) {
      fields.of[role] = f;
      return role != KIND_FIELD || (trim(f, shape.separator), kind_of(f, context.words)) == TAKE;
    };
    JsonWalk<decltype(found)> walk{line.begin, line.end, context.paths, found};
    if (!walk.record()) return {JSON, 0, {walk.p, line.end}};
    if (walk.escaped >= 0 && !walk.stopped) return wrong(shape, fields, static_cast<Role>(walk.escaped), ESCAPE);
  } else {
    const Bad bad = quoted ? split(shape, line, fields) : good();
    if (bad.code) return bad;
    if (fields.count != shape.columns) return {COLUMNS, fields.count, {line.begin, line.end}};
  }
  for (int role = 0; role < NO_FIELD; role++)
    if (shape.column_of[role] >= 0) trim(fields.of[role], shape.separator);
  return good();
}

}  // namespace tickforge::TICKFORGE_ISA
