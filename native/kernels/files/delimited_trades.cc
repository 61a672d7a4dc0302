// Contract: src/files/kernels/delimited_trades.ts. Separators come from 64-byte blocks of marks, so that a line is walked by fields
// and not by bytes; what lies behind the last field that is wanted is only counted; a line with a quote is split again byte by
// byte. Nothing is read outside a field.
#include "abi/state_values.h"
#include "text.h"
#include "trade_line.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "bytes, words, paths, zone",
                             .options =
                                 "separator, decimal, group, columns, timeColumn, clockColumn, priceColumn, sizeColumn, sideColumn, "
                                 "symbolColumn, kindColumn, timeFormat, priceScale, day, signedSize, otherKinds, instrument, "
                                 "symbols",
                             .state =
                                 "counts, kinds, lastTime, gap, bad, carried, text, previousLength, previous, names, nameEnds, "
                                 "nameTable, nameCount",
                             .outputs = "time, price, size, side, instrument"};

namespace {

enum Count { LINES, ROWS_TAKEN, EMPTY_LINES, ZERO_SIZES, UNKNOWN_SIDES, REPEATS, REFUSED, PASSED_OVER };
enum BadItem { CODE, LINE, COLUMN, OFFSET, LENGTH, TEXT_LENGTH };

bool same(Line a, Line b) {
  const i64 length = a.end - a.begin;
  return length == b.end - b.begin && __builtin_memcmp(a.begin, b.begin, static_cast<size_t>(length)) == 0;
}

// What lives from call to call.
struct Kept {
  State<i64> counts, last_time, gap, bad, kinds;
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

// One complete line, its fields already found unless it is `quoted` or JSON; false where it was refused.
bool take_line(Context& context, Line line, bool quoted, Fields& fields, Kept& kept, Line& previous, Columns& out) {
  if (line.end - line.begin > kept.text.length) return refuse_long(kept, previous, line), false;
  kept.counts[LINES]++;
  const Line before = previous;
  if (all_blank(line, context.shape.separator)) return kept.counts[EMPTY_LINES]++, true;
  previous = line;
  Trade trade;
  Bad bad = fields_of(context, line, quoted, fields);
  if (!bad.code) bad = choose(context, fields, kept.kinds);
  if (!bad.code) bad = read(context, fields, kept.last_time[0], trade);
  if (bad.code == PASSED) return kept.counts[PASSED_OVER]++, true;
  if (bad.code) return kept.note(bad, line), false;
  kept.count(trade, same(before, line));
  out.add(trade);
  return true;
}

// Bytes up to the end of a line that earlier calls began, where that end lies in these bytes; otherwise all of them are kept.
// The line waits in `text`. `go` is false where the call ends here.
i64 finish_carried(Context& context, In<u8> bytes, Kept& kept, Line& previous, Columns& out, bool& go) {
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
  go = take_line(context, line, true, fields, kept, previous, out);
  if (previous.begin == line.begin) kept.remember(line), previous = {kept.previous.data, kept.previous.data + kept.previous_length[0]};
  if (go) __builtin_memset(kept.text.data, 0, static_cast<size_t>(carried));
  carried = 0;
  return taken;
}

// Where the next line ends, or -1, and its fields up to the last that is wanted.
struct Lines {
  Marks marks;
  const u8* text;
  i64 length;

  i64 next(const Shape& shape, i64 line, Fields& fields, bool& quoted) {
    fields.count = 0;
    if (shape.json) {
      const void* found = length > line ? __builtin_memchr(text + line, '\n', static_cast<size_t>(length - line)) : nullptr;
      return found ? static_cast<const u8*>(found) - text : -1;
    }
    for (i64 start = line; fields.count <= shape.last_column;) {
      const i64 at = marks.next();
      if (at < 0) return -1;
      if (text[at] == '"') {
        quoted = true;
        continue;
      }
      put(shape, fields, text + start, text + at);
      start = at + 1;
      if (text[at] == '\n') return at;
    }
    i64 separators = 0;
    const i64 end = marks.line_end(separators, quoted);
    fields.count += separators + 1;
    return end;
  }
};

// Complete lines from `from` on, until the output is full, a line is refused, or the last line has no end: that one is kept.
i64 take_lines(Context& context, In<u8> bytes, i64 from, Kept& kept, Line& previous, Columns& out) {
  const u8* text = bytes.data + from;
  const i64 length = bytes.length - from;
  Lines lines{Marks(text, context.shape.json ? 0 : length, context.shape.separator), text, length};
  Fields fields;
  i64 line = 0;
  for (;;) {
    // No room: what is left is taken only where it is the beginning of a line.
    if (out.rows == out.time.length && length > line && __builtin_memchr(text + line, '\n', static_cast<size_t>(length - line))) break;
    bool quoted = false;
    const i64 at = lines.next(context.shape, line, fields, quoted);
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
    line = at + 1;
    if (!take_line(context, whole, quoted, fields, kept, previous, out)) break;
  }
  return from + line;
}

}  // namespace

Status delimited_trades(In<u8> bytes, In<u8> words, OptionalIn<u8> paths, OptionalIn<i64> zone, i32 separator, i32 decimal, i32 group, i32 columns,
                        i32 time_column, i32 clock_column, i32 price_column, i32 size_column, i32 side_column, i32 symbol_column, i32 kind_column,
                        TimeFormat time_format, i32 price_scale, i32 day, i32 signed_size, i32 other_kinds, i32 instrument, i32, State<i64> counts,
                        State<i64> kinds, State<i64> last_time, State<i64> gap, State<i64> bad, State<i32> carried, State<u8> text,
                        State<i32> previous_length, State<u8> previous, State<u8> names, State<u32> name_ends, State<u32> name_table,
                        State<u32> name_count, Out<i64> time, Out<f64> price, Out<f64> size, Out<i8> side, Out<u32> instruments) {
  const Shape shape{.separator = static_cast<u8>(separator),
                    .written = {static_cast<u8>(decimal), static_cast<u8>(group)},
                    .columns = columns,
                    .column_of = {time_column, clock_column, price_column, size_column, side_column, symbol_column, kind_column},
                    .time_format = time_format,
                    .signed_size = signed_size,
                    .instrument = instrument,
                    .price_scale = price_scale,
                    .day = day,
                    .other_kinds = other_kinds != 0,
                    .json = paths.length > 0,
                    .only = some_only(words),
                    .last_column = -1,
                    .role_of = {0}};
  Context context{shape, words, Paths(paths), {zone}, {names, name_ends, name_table, name_count}};
  __builtin_memset(context.shape.role_of, NO_FIELD, sizeof shape.role_of);
  for (int role = 0; role < NO_FIELD; role++) {
    const i32 column = shape.column_of[role];
    if (column < 0 || column >= most_columns) continue;
    context.shape.role_of[column] = static_cast<u8>(role);
    if (column > context.shape.last_column) context.shape.last_column = column;
  }
  Kept kept{counts, last_time, gap, bad, kinds, carried, previous_length, text, previous};
  Columns out{time, price, size, side, instruments};
  mend_counts(counts), mend_counts(kinds);
  if (carried[0] != -1) carried[0] = static_cast<i32>(length_of(carried[0], text.length));
  previous_length[0] = static_cast<i32>(length_of(previous_length[0], previous.length));
  if (bad[CODE]) __builtin_memset(text.data, 0, static_cast<size_t>(length_of(bad[TEXT_LENGTH], text.length)));
  for (i64 i = 0; i < bad.length; i++) bad[i] = 0;
  Line before{previous.data, previous.data + previous_length[0]};
  i64 taken = 0;
  bool go = true;
  if (carried[0] != 0) taken = finish_carried(context, bytes, kept, before, out, go);
  if (go) taken = take_lines(context, bytes, taken, kept, before, out);
  if (before.begin) kept.remember(before);
  else kept.remember({previous.data + previous.length, previous.data + previous.length});
  return took(taken, out.rows);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(delimited_trades)
