// Structs that both sides read. Numbers that a shader is given beside its columns are one struct a shader, of members four bytes long.
#pragma once
#ifndef __METAL_VERSION__
typedef unsigned int uint;
typedef unsigned long ulong;
#endif

struct bulk_volume_classification_constants {
  uint bars;
  uint change;          // 0 between: last - last of the bar before; 1 within: last - first
  uint distribution;    // 0 normal; 1 student_t
  uint given;           // 1: `scale` holds z of each bar; 0: it holds the sigma of all
};

struct black_scholes_constants {
  uint options;
  uint rates, yields;  // 1: there is such a column
};

struct option_book_risk_position {
  uint underlying;
  float side;  // 1 a call, -1 a put, 0 neither: worth what its price moves
  // Numbers of two floats, in one unit: discounted price and strike of all that is held, and what it is worth now. moneyness: log(asset / cash)
  float moneyness[2], deviation[2], asset[2], cash[2], now[2];
};
struct option_book_risk_constants {
  uint paths, positions;
};

struct normal_draws_constants {
  uint paths, variables;
  uint first_path;
  uint seed, stream;
};

struct product_sums_constants {
  uint rows, columns, depth;
  uint upper;     // 1: only what is on and above the diagonal is wanted
  uint diagonal;  // 1: the diagonal counts
};

struct second_order_constants {
  uint paths, others;  // coordinates besides the one along the delta
};

struct sobol_draws_constants {
  uint points, dimensions;
  uint first_point;
};

struct bucket_pieces_constants {
  uint pieces;
  uint sides;  // 1: a trade is the buyer's or the seller's by its side; 0: by a fraction
};

// Of a trade that fills buckets: volume in the bucket and running totals of buyer-initiated volume, in units, before and after it. What
// lies between two totals counts: they may wrap.
struct bucket_border {
  ulong before, after;
  ulong bought_before, bought_after;
  uint place;  // of the trade in the order of pieces
};
