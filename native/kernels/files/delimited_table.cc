// Contract: src/files/kernels/delimited_table.ts. Separators come from 64-byte blocks of marks; a line with a quote is split again byte
// by byte. Nothing is read outside a field.
#include "text.h"
#include "trade_fields.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "bytes, start, end, kinds", .options = "separator, decimal, group", .outputs = "cell, length, flaw"};

namespace {

enum CellKind : u8 { PASSED_OVER, NUMBER_CELL, TEXT_CELL };
enum Flaw : i32 { WRONG_COLUMNS = 1, WRONG_QUOTE, NOT_A_NUMBER, TOO_LARGE, FLAW_STEP = 8 };

bool is_missing(Field f) {
  const i64 length = f.end - f.begin;
  if (length > 8) return false;
  if (length == 0 || (length == 1 && (*f.begin == '.' || *f.begin == '-'))) return true;
  static constexpr struct {
    char text[9];
    i64 length;
  } words[] = {{"na", 2}, {"nan", 3}, {"n/a", 3}, {"#n/a", 4}, {"null", 4}, {"none", 4}, {"#n/a n/a", 8}};
  for (const auto& word : words) {
    bool same = word.length == length;
    for (i64 i = 0; same && i < length; i++) same = lower(f.begin[i]) == static_cast<u8>(word.text[i]);
    if (same) return true;
  }
  return false;
}

// Cells of one line as they are found, left to right.
struct Line {
  const u8* text;  // the whole of it
  In<u8> kinds;
  Written written;
  f64* cell;
  i32* length;
  i64 column = 0;
  i32 flaw = 0;

  void put(Field f, u8 separator) {
    const i64 at = column++;
    if (at >= kinds.length || flaw || kinds[at] == PASSED_OVER) return;
    trim(f, separator);
    if (kinds[at] == TEXT_CELL) {
      cell[at] = static_cast<f64>(f.begin - text);
      length[at] = static_cast<i32>(f.end - f.begin);
    } else if (kinds[at] == NUMBER_CELL) {
      f64 value;
      const Number how = parse_marked(f.begin, f.end, written, value);
      if (how == Number::OK) cell[at] = value;
      else if (!is_missing(f)) flaw = FLAW_STEP * static_cast<i32>(at) + (how == Number::RANGE ? TOO_LARGE : NOT_A_NUMBER);
    }
  }
  void refuse_quote() {
    flaw = FLAW_STEP * static_cast<i32>(column) + WRONG_QUOTE;
    column = kinds.length;
  }
  void clear() {
    column = flaw = 0;
    for (i64 i = 0; i < kinds.length; i++) cell[i] = __builtin_nan(""), length[i] = 0;
  }
};

void read_line(const u8* begin, const u8* end, u8 separator, Line& line) {
  Marks marks(begin, end - begin, separator);
  const u8* field = begin;
  for (i64 at = marks.next(); at >= 0; at = marks.next()) {
    if (begin[at] == '"') {
      line.clear();
      if (split_fields(begin, end, separator, [&](Field f) { line.put(f, separator); })) line.refuse_quote();
      return;
    }
    if (begin[at] != separator) continue;
    line.put({field, begin + at}, separator);
    field = begin + at + 1;
  }
  line.put({field, end}, separator);
}

}  // namespace

Status delimited_table(In<u8> bytes, In<i32> start, In<i32> end, In<u8> kinds, i32 separator, i32 decimal, i32 group, Out<f64> cell, Out<i32> length,
                       Out<i32> flaw) {
  const i64 width = kinds.length;
  for (i64 i = 0; i < start.length; i++) {
    const i64 first = start[i] < bytes.length ? start[i] : bytes.length;
    const i64 last = end[i] < first ? first : end[i] < bytes.length ? end[i] : bytes.length;
    Line line{bytes.data, kinds, {static_cast<u8>(decimal), static_cast<u8>(group)}, cell.data + i * width, length.data + i * width};
    line.clear();
    read_line(bytes.data + first, bytes.data + last, static_cast<u8>(separator), line);
    // The number of columns decides before any cell, an open quote before that.
    i32 why = line.flaw;
    if (line.column != width) why = FLAW_STEP * static_cast<i32>(line.column) + WRONG_COLUMNS;
    if (why) line.clear();
    flaw[i] = why;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(delimited_table)
