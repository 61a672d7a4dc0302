// Volumes as whole numbers of a unit, 2^-60 of the power of two in their bucket's capacity: sums of them are exact, so they may be taken in
// any order. A size in f32 is such a number where it is above 2^-36 of the bucket. All are read as bits: none is flushed to 0.

struct bucket_unit {
  ulong capacity;  // 2^60 to 2^61
  int exponent;    // of the unit
};
static inline bucket_unit unit_of(ulong bits) {  // of the f64 with these bits
  bucket_unit unit;
  unit.capacity = ((bits & 0xffffffffffffful) | 0x10000000000000ul) << 8;
  unit.exponent = int(bits >> 52) - 1083;
  return unit;
}

// mantissa 2^exponent
struct binary {
  ulong mantissa;
  int exponent;
};
static inline binary binary_of(uint bits) {  // of the f32 with these bits, >= 0
  const int power = int((bits >> 23) & 0xffu);
  binary made;
  made.mantissa = (bits & 0x7fffffu) | (power > 0 ? 0x800000u : 0u);
  made.exponent = (power > 0 ? power : 1) - 150;
  return made;
}
// What does not fit, above 2^64 and below 1, is left out.
static inline ulong shifted(ulong x, int by) {
  if (by >= 64 || by <= -64) return 0;
  return by >= 0 ? x << by : x >> -by;
}

// A volume: whole buckets, and what is left below the capacity.
struct lots {
  ulong rest;
  uint buckets;
  bool exact;
};
static inline lots lots_of(binary size, bucket_unit unit) {
  const int by = size.exponent - unit.exponent;
  lots made;
  made.rest = shifted(size.mantissa, by < 36 ? by : 36);  // below 2^60
  made.buckets = 0;
  made.exact = by >= 0 || shifted(made.rest, -by) == size.mantissa;
  if (by > 63 && size.mantissa > 0) made.buckets = 0x7fffffffu;  // more than a print may fill
  for (int k = 36; k < by && by <= 63; k++) {
    made.rest *= 2, made.buckets *= 2;
    if (made.rest >= unit.capacity) made.rest -= unit.capacity, made.buckets++;
  }
  return made;
}

// Buyer-initiated share of a trade: by its side, +1, -1 or 0 for half of it, or as it is given.
static inline binary share_of(device const uchar* side, device const uint* buy_fraction, uint row, uint sides) {
  if (!sides) return binary_of(buy_fraction[row]);
  binary made;
  made.mantissa = side[row] == 1 ? 2 : side[row] == 0 ? 1 : 0;
  made.exponent = -1;
  return made;
}
// In units; of whole buckets what exceeds 2^64 is left out, as running totals of it wrap.
static inline ulong bought_of(binary size, binary share, bucket_unit unit) {
  return shifted(size.mantissa * share.mantissa, size.exponent + share.exponent - unit.exponent);
}
