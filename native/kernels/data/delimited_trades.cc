// Contract: src/data/delimited_trades.ts. Separators come from 64-byte blocks of marks, so that a line is walked by fields
// and not by bytes; a line with a quote is split again byte by byte. Nothing is read outside a field.
#include "kernel.h"
#include "text.h"
#include "trade_fields.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

enum Role { TIME_FIELD, CLOCK_FIELD, PRICE_FIELD, SIZE_FIELD, SIDE_FIELD, SYMBOL_FIELD, NO_FIELD };
enum Count { LINES, ROWS_TAKEN, EMPTY_LINES, ZERO_SIZES, UNKNOWN_SIDES, REPEATS, REFUSED };
enum BadItem { CODE, LINE, COLUMN, OFFSET, LENGTH, TEXT_LENGTH };
constexpr i32 most_columns = 512;

struct Shape {
  u8 separator;
  i32 columns;
  i32 column_of[NO_FIELD];
  i32 time_format, signed_size, instrument;
  u8 role_of[most_columns + 1];
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

Bad good() { return {ACCEPTED, 0, {nullptr, nullptr}}; }

// Fields by role; what has no role lands in the last place.
struct Fields {
  Field of[NO_FIELD + 1];
  i64 count;
};

void put(const Shape& shape, Fields& fields, const u8* begin, const u8* end) {
  const i64 column = fields.count < most_columns ? fields.count : most_columns;
  fields.of[shape.role_of[column]] = {begin, end};
  fields.count++;
}

// The whole rule, quotes included: a field whose first byte is a quote ends at the next single one, on the same line.
Bad split(const Shape& shape, Line line, Fields& fields) {
  const u8* at = line.begin;
  fields.count = 0;
  for (;;) {
    const u8* start = at;
    while (start < line.end && blank(*start, shape.separator)) start++;
    if (start < line.end && *start == '"') {
      const u8* close = start + 1;
      while (close < line.end && (*close != '"' || (close + 1 < line.end && close[1] == '"'))) close += *close == '"' ? 2 : 1;
      const u8* after = close + 1;
      while (after < line.end && blank(*after, shape.separator)) after++;
      if (close >= line.end || (after < line.end && *after != shape.separator)) return {QUOTE, fields.count, {start, line.end}};
      put(shape, fields, start + 1, close);
      at = after;
    } else {
      const u8* end = start;
      while (end < line.end && *end != shape.separator) end++;
      put(shape, fields, at, end);
      at = end;
    }
    if (at >= line.end) return good();
    at++;
  }
}

Bad wrong(const Shape& shape, const Fields& fields, Role role, Refusal code) { return {code, shape.column_of[role], fields.of[role]}; }

Refusal real(Field f, f64& out) {
  switch (parse_decimal(f.begin, f.end, out)) {
    case Number::OK: return ACCEPTED;
    case Number::EMPTY: return EMPTY;
    case Number::MALFORMED: return NUMBER;
    default: return NUMBER_RANGE;
  }
}

Bad read(const Shape& shape, Line line, Fields& fields, In<u8> words, SymbolTable& symbols, i64 last_time, Trade& trade) {
  if (fields.count != shape.columns) return {COLUMNS, fields.count, {line.begin, line.end}};
  for (int role = 0; role < NO_FIELD; role++)
    if (shape.column_of[role] >= 0) trim(fields.of[role], shape.separator);
  const Field* of = fields.of;
  const auto has = [&](Role role) { return shape.column_of[role] >= 0; };
  Refusal code = parse_time(of[TIME_FIELD], of[CLOCK_FIELD], has(CLOCK_FIELD), shape.time_format, trade.time);
  if (code) return wrong(shape, fields, TIME_FIELD, code);
  code = real(of[PRICE_FIELD], trade.price);
  if (!code && !(trade.price > 0)) code = PRICE;
  if (code) return wrong(shape, fields, PRICE_FIELD, code);
  code = real(of[SIZE_FIELD], trade.size);
  if (!code && trade.size < 0 && !shape.signed_size) code = SIZE;
  if (code) return wrong(shape, fields, SIZE_FIELD, code);
  trade.side = 0;
  if (shape.signed_size) {
    trade.side = static_cast<i8>((trade.size > 0) - (trade.size < 0));
    trade.size = __builtin_fabs(trade.size);
  }
  trade.size += 0.0;  // no negative zero
  if (has(SIDE_FIELD) && (code = parse_side(of[SIDE_FIELD], words, trade.side))) return wrong(shape, fields, SIDE_FIELD, code);
  if (trade.time < last_time) return wrong(shape, fields, TIME_FIELD, TIME_BACKWARDS);
  trade.instrument = static_cast<u32>(shape.instrument);
  if (has(SYMBOL_FIELD) && (code = symbols.find(of[SYMBOL_FIELD], trade.instrument))) return wrong(shape, fields, SYMBOL_FIELD, code);
  return good();
}

bool same(Line a, Line b) {
  const i64 length = a.end - a.begin;
  return length == b.end - b.begin && __builtin_memcmp(a.begin, b.begin, static_cast<size_t>(length)) == 0;
}

// What lives from call to call.
struct Kept {
  State<i64> counts, last_time, gap, bad;
  State<i32> carried, previous_length;
  State<u8> text, previous;

  void note(Bad what, Line line) {
    counts[REFUSED]++;
    bad[CODE] = what.code;
    bad[LINE] = counts[LINES];
    bad[COLUMN] = what.column;
    bad[OFFSET] = what.field.begin - line.begin;
    bad[LENGTH] = what.field.end - what.field.begin;
    const i64 length = line.end - line.begin < text.length ? line.end - line.begin : text.length;
    bad[TEXT_LENGTH] = length;
    if (line.begin != text.data) __builtin_memcpy(text.data, line.begin, static_cast<size_t>(length));
  }
  void remember(Line line) {
    const i64 length = line.end - line.begin, before = previous_length[0];
    if (line.begin == previous.data) return;
    __builtin_memcpy(previous.data, line.begin, static_cast<size_t>(length));
    if (before > length) __builtin_memset(&previous[length], 0, static_cast<size_t>(before - length));
    previous_length[0] = static_cast<i32>(length);
  }
  void count(const Trade& trade, bool repeated) {
    counts[ROWS_TAKEN]++;
    counts[ZERO_SIZES] += trade.size == 0;
    counts[UNKNOWN_SIDES] += trade.side == 0;
    counts[REPEATS] += repeated;
    if (last_time[0] >= 0 && trade.time - last_time[0] > gap[0]) {
      gap[0] = trade.time - last_time[0];
      gap[1] = counts[LINES];
    }
    last_time[0] = trade.time;
  }
};

// Counts the line too; a caller whose line has no end yet takes that back.
void refuse_long(Kept& kept, Line& previous, Line line) {
  kept.counts[LINES]++;
  previous = {nullptr, nullptr};
  kept.note({LINE_LONG, 0, {line.begin, line.end}}, line);
}

struct Columns {
  Out<i64> time;
  Out<f64> price, size;
  Out<i8> side;
  Out<u32> instrument;
  i64 rows = 0;

  void add(const Trade& t) {
    time[rows] = t.time;
    price[rows] = t.price;
    size[rows] = t.size;
    side[rows] = t.side;
    instrument[rows++] = t.instrument;
  }
};

bool all_blank(Line line, u8 separator) {
  while (line.begin < line.end && blank(*line.begin, separator)) line.begin++;
  return line.begin == line.end;
}

// One complete line, its fields already found unless `quoted`; false where it was refused.
bool take_line(const Shape& shape, Line line, bool quoted, Fields& fields, In<u8> words, SymbolTable& symbols, Kept& kept, Line& previous, Columns& out) {
  if (line.end - line.begin > kept.text.length) return refuse_long(kept, previous, line), false;
  kept.counts[LINES]++;
  const Line before = previous;
  if (all_blank(line, shape.separator)) return kept.counts[EMPTY_LINES]++, true;
  previous = line;
  Trade trade;
  Bad bad = quoted ? split(shape, line, fields) : good();
  if (!bad.code) bad = read(shape, line, fields, words, symbols, kept.last_time[0], trade);
  if (bad.code) return kept.note(bad, line), false;
  kept.count(trade, same(before, line));
  out.add(trade);
  return true;
}

// Bytes up to the end of a line that earlier calls began, where that end lies in these bytes; otherwise all of them are kept.
// The line waits in `text`. `go` is false where the call ends here.
i64 finish_carried(const Shape& shape, In<u8> bytes, In<u8> words, SymbolTable& symbols, Kept& kept, Line& previous, Columns& out, bool& go) {
  i32& carried = kept.carried[0];
  const void* found = bytes.length ? __builtin_memchr(bytes.data, '\n', static_cast<size_t>(bytes.length)) : nullptr;
  const i64 length = found ? static_cast<const u8*>(found) - bytes.data : bytes.length;
  const i64 taken = found ? length + 1 : length;
  go = found != nullptr && out.rows < out.time.length;
  if (found && !go) return 0;
  if (carried < 0) {  // the rest of a line refused for its length
    if (found) carried = 0, kept.counts[LINES]++;
    return taken;
  }
  const i64 room = kept.text.length - carried;
  if (length > 0) __builtin_memcpy(&kept.text[carried], bytes.data, static_cast<size_t>(length < room ? length : room));
  if (length > room) {
    refuse_long(kept, previous, {kept.text.data, kept.text.data + carried + length});
    if (!found) kept.counts[LINES]--;
    carried = found ? 0 : -1;
    go = false;
    return taken;
  }
  carried += static_cast<i32>(length);
  if (!found) return taken;
  Fields fields;
  const Line line{kept.text.data, kept.text.data + carried};
  go = take_line(shape, line, true, fields, words, symbols, kept, previous, out);
  if (previous.begin == line.begin) kept.remember(line), previous = {kept.previous.data, kept.previous.data + kept.previous_length[0]};
  if (go) __builtin_memset(kept.text.data, 0, static_cast<size_t>(carried));
  carried = 0;
  return taken;
}

// Complete lines from `from` on, until the output is full, a line is refused, or the last line has no end: that one is kept.
i64 take_lines(const Shape& shape, In<u8> bytes, i64 from, In<u8> words, SymbolTable& symbols, Kept& kept, Line& previous, Columns& out) {
  const u8* text = bytes.data + from;
  const i64 length = bytes.length - from;
  Marks marks(text, length, shape.separator);
  Fields fields;
  i64 line = 0;
  for (;;) {
    // No room: what is left is taken only where it is the beginning of a line.
    if (out.rows == out.time.length && length > line && __builtin_memchr(text + line, '\n', static_cast<size_t>(length - line))) break;
    fields.count = 0;
    i64 start = line, at;
    bool quoted = false;
    while ((at = marks.next()) >= 0) {
      if (text[at] == '"') {
        quoted = true;
        continue;
      }
      put(shape, fields, text + start, text + at);
      start = at + 1;
      if (text[at] == '\n') break;
    }
    if (at < 0) {
      const i64 rest = length - line, room = kept.text.length;
      const bool fits = rest <= room;
      __builtin_memcpy(kept.text.data, text + line, static_cast<size_t>(fits ? rest : room));
      kept.carried[0] = fits ? static_cast<i32>(rest) : -1;
      if (fits) return bytes.length;
      refuse_long(kept, previous, {text + line, text + length});
      kept.counts[LINES]--;
      return bytes.length;
    }
    const Line whole{text + line, text + at};
    line = start;
    if (!take_line(shape, whole, quoted, fields, words, symbols, kept, previous, out)) break;
  }
  return from + line;
}

}  // namespace

Status delimited_trades(In<u8> bytes, In<u8> words, i32 separator, i32 columns, i32 time_column, i32 clock_column, i32 price_column, i32 size_column,
                        i32 side_column, i32 symbol_column, i32 time_format, i32 signed_size, i32 instrument, i32, State<i64> counts,
                        State<i64> last_time, State<i64> gap, State<i64> bad, State<i32> carried, State<u8> text, State<i32> previous_length,
                        State<u8> previous, State<u8> names, State<u32> name_ends, State<u32> name_table, State<u32> name_count, Out<i64> time,
                        Out<f64> price, Out<f64> size, Out<i8> side, Out<u32> instruments) {
  Shape shape{static_cast<u8>(separator), columns, {time_column, clock_column, price_column, size_column, side_column, symbol_column}, time_format, signed_size, instrument, {0}};
  __builtin_memset(shape.role_of, NO_FIELD, sizeof shape.role_of);
  for (int role = 0; role < NO_FIELD; role++)
    if (shape.column_of[role] >= 0 && shape.column_of[role] < most_columns) shape.role_of[shape.column_of[role]] = static_cast<u8>(role);
  Kept kept{counts, last_time, gap, bad, carried, previous_length, text, previous};
  SymbolTable symbols{names, name_ends, name_table, name_count};
  Columns out{time, price, size, side, instruments};
  if (bad[CODE]) __builtin_memset(text.data, 0, static_cast<size_t>(bad[TEXT_LENGTH]));
  for (i64 i = 0; i < bad.length; i++) bad[i] = 0;
  Line before{previous.data, previous.data + previous_length[0]};
  i64 taken = 0;
  bool go = true;
  if (carried[0] != 0) taken = finish_carried(shape, bytes, words, symbols, kept, before, out, go);
  if (go) taken = take_lines(shape, bytes, taken, words, symbols, kept, before, out);
  if (before.begin) kept.remember(before);
  else kept.remember({previous.data + previous.length, previous.data + previous.length});
  return took(taken, out.rows);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(delimited_trades)
