// Contract: src/kernels/flow/toxicity/vpin.ts
// Source: sums modulo the bucket's capacity are associative (definition).
// One thread a piece of one instrument's trades: its volume, whole buckets left out, and its buyer-initiated volume modulo 2^64. Where a
// piece begins in its bucket follows from the pieces before it.
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "lots.h"

kernel void lot_sums(
    device const uint* size [[buffer(0)]], device const uchar* side [[buffer(1)]], device const uint* buy_fraction [[buffer(2)]],
    device const uint* order [[buffer(3)]], device const uint* first [[buffer(4)]], device const ulong* capacity [[buffer(5)]],
    device ulong* volume [[buffer(6)]], device ulong* bought [[buffer(7)]], constant bucket_pieces_constants& constants [[buffer(8)]],
    uint piece [[thread_position_in_grid]]) {
  if (piece >= constants.pieces) return;
  const bucket_unit unit = unit_of(capacity[piece]);
  ulong sum = 0, buyers = 0;
  for (uint place = first[piece]; place < first[piece + 1]; place++) {
    const uint row = order[place];
    const binary own = binary_of(size[row]);
    sum += lots_of(own, unit).rest;
    if (sum >= unit.capacity) sum -= unit.capacity;
    buyers += bought_of(own, share_of(side, buy_fraction, row, constants.sides), unit);
  }
  volume[piece] = sum;
  bought[piece] = buyers;
}
