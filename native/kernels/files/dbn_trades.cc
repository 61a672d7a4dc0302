// Contract: src/files/kernels/dbn_trades.ts. Whole records are read where they lie; one that is cut is put together on the stack, so
// that a call which may not take it yet leaves the state as it was.
#include "abi/state_values.h"
#include "value_refusals.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "bytes",
                             .options = "named, tsOut, time, symbols",
                             .state = "counts, lastTime, gap, bad, place, kind, until, wanted, carried, record, previous, ids, idCount",
                             .outputs = "time, price, size, side, instrument"};
CHOICE(RecordTime, ts_recv, ts_event)

namespace {

enum Count { RECORDS, ROWS_TAKEN, OTHER_KINDS, ZERO_SIZES, UNKNOWN_SIDES, REPEATS, REFUSED, NO_TRADES, OTHER_SYMBOLS };
enum BadItem { CODE, RECORD, OFFSET, VALUE, INSTRUMENT };
enum Wanted { NOTHING, WANTED_INSTRUMENT, WANTED_DAY };
enum Outcome { PASSED, TAKEN, REFUSED_ONE, STOPPED };
constexpr i64 head_bytes = 16, length_unit = 4, compared_bytes = 56;
constexpr i64 undefined_price = 0x7FFFFFFFFFFFFFFF;
constexpr u32 undefined_size = 0xFFFFFFFF;
constexpr i64 other_symbol = 0xFFFFFFFE;
constexpr u64 largest_time = 0x7FFFFFFFFFFFFFFF;

struct Fields {
  i64 bytes, price, size, action, side, received;
};
constexpr Fields market_by_order{56, 24, 32, 38, 39, 40};

// bytes is 0 for a kind that holds no trades.
Fields fields_of(i32 kind) {
  switch (kind) {
    case 0: return {48, 16, 24, 28, 29, 32};
    case 1:
    case 177:
    case 194: return {80, 16, 24, 28, 29, 32};
    case 10: return {368, 16, 24, 28, 29, 32};
    case 160: return market_by_order;
    default: return {0, 0, 0, 0, 0, 0};
  }
}

template <class T> T at(const u8* record, i64 place) {
  T value;
  __builtin_memcpy(&value, record + place, sizeof value);
  return value;
}

struct Reader {
  i32 named;
  bool by_event;
  State<i64> counts, last_time, gap, bad;
  State<i32> kind;
  State<i64> until, wanted;
  State<u8> previous;
  State<u32> ids, id_count;
  Out<i64> time;
  Out<f64> price, size;
  Out<i8> side;
  Out<u32> instrument;
  i64 rows = 0;
  u32 latest = 0;
  i64 latest_id = -1;

  // -1 where the table does not hold it; with `given` it is added, where there is room.
  i64 id_of(u32 key, i64 given) {
    if (latest_id >= 0 && key == latest) return latest_id;
    const i64 places = ids.length / 2;
    i64 place = key * 2654435769u % static_cast<u64>(places), left = places;
    for (; ids[2 * place + 1]; place = place + 1 < places ? place + 1 : 0) {
      if (left-- == 0) return -1;
      if (ids[2 * place] == key) return latest = key, latest_id = ids[2 * place + 1] - i64{1};
    }
    if (given < 0 || 2 * static_cast<i64>(id_count[0]) >= places) return -1;
    ids[2 * place] = key;
    ids[2 * place + 1] = static_cast<u32>(given + 1);
    id_count[0]++;
    return given;
  }
  Outcome refuse(ValueRefusal code, u32 key, i64 value) {
    counts[REFUSED]++;
    bad[CODE] = code;
    bad[INSTRUMENT] = key;
    bad[VALUE] = value;
    return REFUSED_ONE;
  }
  Outcome want(Wanted what, i64 value) {
    wanted[0] = what;
    wanted[1] = value;
    return STOPPED;
  }
  Outcome take(const u8* record, Fields f) {
    if (f.bytes == 0 || (kind[0] >= 0 && record[1] != kind[0])) return counts[RECORDS]++, counts[OTHER_KINDS]++, PASSED;
    if (record[f.action] != 'T') return kind[0] = record[1], counts[RECORDS]++, counts[NO_TRADES]++, PASSED;
    if (rows == time.length) return STOPPED;  // no room
    const u32 key = at<u32>(record, 4);
    const u64 received = at<u64>(record, f.received), stamp = by_event ? at<u64>(record, 8) : received;
    i64 id = id_of(key, -1);
    const u64 end = static_cast<u64>(until[0]);
    if (named && end < largest_time && received >= end && received <= largest_time) return want(WANTED_DAY, static_cast<i64>(received));
    if (named && id < 0) return want(WANTED_INSTRUMENT, key);
    kind[0] = record[1];
    counts[RECORDS]++;
    if (id == other_symbol) return counts[OTHER_SYMBOLS]++, PASSED;
    const i64 compared = f.bytes < compared_bytes ? f.bytes : compared_bytes;
    const bool repeated = __builtin_memcmp(record, previous.data, static_cast<size_t>(compared)) == 0;
    __builtin_memcpy(previous.data, record, static_cast<size_t>(compared));
    if (compared < compared_bytes) __builtin_memset(previous.data + compared, 0, static_cast<size_t>(compared_bytes - compared));
    return accept(record, f, key, stamp, id, repeated);
  }
  Outcome accept(const u8* record, Fields f, u32 key, u64 stamp, i64 id, bool repeated) {
    const i64 units = at<i64>(record, f.price), now = static_cast<i64>(stamp);
    const u32 lots = at<u32>(record, f.size);
    const u8 who = record[f.side];
    if (stamp > largest_time) return refuse(BAD_TIME_RANGE, key, now);
    if (units == undefined_price) return refuse(BAD_EMPTY, key, units);
    if (units <= 0) return refuse(BAD_PRICE, key, units);
    if (lots == undefined_size) return refuse(BAD_SIZE, key, lots);
    if (who != 'A' && who != 'B' && who != 'N') return refuse(BAD_SIDE, key, who);
    if (now < last_time[0]) return refuse(TIME_FELL, key, now);
    if (id < 0) id = id_of(key, id_count[0]);
    if (id < 0) return refuse(NO_SYMBOL_LEFT, key, key);
    counts[ROWS_TAKEN]++;
    counts[ZERO_SIZES] += lots == 0;
    counts[UNKNOWN_SIDES] += who == 'N';
    counts[REPEATS] += repeated;
    if (last_time[0] >= 0 && now - last_time[0] > gap[0]) {
      gap[0] = now - last_time[0];
      gap[1] = counts[RECORDS];
    }
    last_time[0] = now;
    time[rows] = now;
    price[rows] = static_cast<f64>(units) / 1e9;
    size[rows] = lots;
    side[rows] = static_cast<i8>((who == 'B') - (who == 'A'));
    instrument[rows] = static_cast<u32>(id);
    rows++;
    return TAKEN;
  }
};

}  // namespace

Status dbn_trades(In<u8> bytes, i32 named, i32 ts_out, RecordTime time_field, i32, State<i64> counts, State<i64> last_time, State<i64> gap,
                  State<i64> bad, State<i64> place, State<i32> kind, State<i64> until, State<i64> wanted, State<i32> carried, State<u8> record,
                  State<u8> previous, State<u32> ids, State<u32> id_count, Out<i64> time, Out<f64> price, Out<f64> size, Out<i8> side,
                  Out<u32> instrument) {
  Reader reader{.named = named,
                .by_event = time_field == RecordTime::ts_event,
                .counts = counts,
                .last_time = last_time,
                .gap = gap,
                .bad = bad,
                .kind = kind,
                .until = until,
                .wanted = wanted,
                .previous = previous,
                .ids = ids,
                .id_count = id_count,
                .time = time,
                .price = price,
                .size = size,
                .side = side,
                .instrument = instrument};
  mend_counts(counts), mend_counts(place);
  carried[0] = static_cast<i32>(length_of(carried[0], record.length - 1));
  for (i64 i = 0; i < bad.length; i++) bad[i] = 0;
  wanted[0] = wanted[1] = NOTHING;
  i64 taken = 0;
  while (taken < bytes.length) {
    const i64 begun = carried[0], have = begun + bytes.length - taken;
    const u8* here = bytes.data + taken;
    const i64 length = (begun > 0 ? record[0] : here[0]) * length_unit;
    const Fields fields = have < 2 ? fields_of(-1) : fields_of(begun > 1 ? record[1] : here[1 - begun]);
    if (length < head_bytes || begun >= length || (fields.bytes && length != fields.bytes + 8 * ts_out)) {
      bad[CODE] = BAD_LENGTH;
      bad[RECORD] = counts[RECORDS] + 1;
      bad[OFFSET] = place[0];
      bad[VALUE] = length;
      break;
    }
    if (have < length) {
      __builtin_memcpy(&record[begun], here, static_cast<size_t>(have - begun));
      carried[0] = static_cast<i32>(have);
      taken = bytes.length;
      break;
    }
    u8 whole[255 * length_unit];
    if (begun > 0) {
      __builtin_memcpy(whole, record.data, static_cast<size_t>(begun));
      __builtin_memcpy(whole + begun, here, static_cast<size_t>(length - begun));
    }
    const Outcome outcome = reader.take(begun > 0 ? whole : here, fields);
    if (outcome == STOPPED) break;
    if (outcome == REFUSED_ONE) {
      bad[RECORD] = counts[RECORDS];
      bad[OFFSET] = place[0];
    }
    if (begun > 0) __builtin_memset(record.data, 0, static_cast<size_t>(begun));
    carried[0] = 0;
    place[0] += length;
    taken += length - begun;
    if (outcome == REFUSED_ONE) break;
  }
  return took(taken, reader.rows);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(dbn_trades)
