// Contract: src/kernels/flow/toxicity/vpin.ts
// Source: Easley, Lopez de Prado & O'Hara (2012), Rev. Financ. Stud. 25(5): volume buckets; a trade that crosses a border is split.
// One thread a piece of one instrument's trades, given where it begins in its bucket: which trades fill how many buckets, and what is in
// the bucket before and after them. Nothing is rounded here; what the reference, in f64, may round is told as `doubt`.
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "lots.h"

kernel void bucket_borders(
    device const uint* size [[buffer(0)]], device const uchar* side [[buffer(1)]], device const uint* buy_fraction [[buffer(2)]],
    device const uint* order [[buffer(3)]], device const uint* first [[buffer(4)]], device const ulong* capacity [[buffer(5)]],
    device const ulong* volume [[buffer(6)]], device const ulong* bought [[buffer(7)]], device uint* filled [[buffer(8)]],
    device bucket_border* borders [[buffer(9)]], device float2* doubt [[buffer(10)]],
    constant bucket_pieces_constants& constants [[buffer(11)]], uint piece [[thread_position_in_grid]]) {
  if (piece >= constants.pieces) return;
  const bucket_unit unit = unit_of(capacity[piece]);
  const ulong near = unit.capacity >> 36;  // many times the dust within which a border counts as reached
  ulong sum = volume[piece], buyers = bought[piece];
  float lost = 0.0f, ties = 0.0f;  // units; exact borders, which hold while less than the dust is lost
  for (uint place = first[piece]; place < first[piece + 1]; place++) {
    const uint row = order[place];
    const binary own = binary_of(size[row]);
    const lots poured = lots_of(own, unit);
    const ulong before = sum, bought_before = buyers;
    sum += poured.rest;
    const bool crosses = sum >= unit.capacity;
    if (crosses) sum -= unit.capacity;
    buyers += bought_of(own, share_of(side, buy_fraction, row, constants.sides), unit);
    const uint fills = poured.buckets + (crosses ? 1u : 0u);
    filled[row] = fills;
    ulong distance = unit.capacity - sum;
    if (fills > 0) {
      device bucket_border& border = borders[row];
      border.before = before, border.after = sum;
      border.bought_before = bought_before, border.bought_after = buyers;
      border.place = place;
      distance = sum < distance ? sum : distance;
      ties += sum == 0 ? 1.0f : 0.0f;
      // f64 has 53 bits for what is beyond the first border, less than `fills` buckets.
      const ulong beneath = (1ul << (8 + ilogb(float(2 * fills - 1)))) - 1;
      if (((unit.capacity | before | poured.rest) & beneath) != 0) lost += float(beneath);
    }
    if (sum != 0 && distance < near) lost = INFINITY;
    if (!poured.exact) lost += poured.rest > 0 ? 1.0f : INFINITY;  // a trade that is nothing here begins a bucket there
  }
  doubt[piece].x = lost, doubt[piece].y = ties;
}
