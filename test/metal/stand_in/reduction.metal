// Self-test of the stand-in: the sum of each threadgroup by a tree in threadgroup memory, and again by SIMD sums.
#include <metal_stdlib>
using namespace metal;

#ifndef THREADGROUP
#define THREADGROUP(n) [[threadgroup(n)]]
#endif

kernel void tree_sum(
    device const float* values [[buffer(0)]], device float* sums [[buffer(1)]], constant uint& count [[buffer(2)]],
    threadgroup float* tile THREADGROUP(0), uint position [[thread_position_in_grid]], uint group [[threadgroup_position_in_grid]],
    uint index [[thread_position_in_threadgroup]], uint size [[threads_per_threadgroup]]) {
  tile[index] = position < count ? values[position] : 0.0f;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint stride = size / 2; stride > 0; stride /= 2) {
    if (index < stride) tile[index] += tile[index + stride];
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
  if (index == 0) sums[group] = tile[0];
}

kernel void simd_tree_sum(
    device const float* values [[buffer(0)]], device float* sums [[buffer(1)]], constant uint& count [[buffer(2)]],
    threadgroup float* tile THREADGROUP(0), uint position [[thread_position_in_grid]], uint group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]], uint simd_group [[simdgroup_index_in_threadgroup]],
    uint size [[threads_per_threadgroup]], uint width [[threads_per_simdgroup]]) {
  const float part = simd_sum(position < count ? values[position] : 0.0f);
  if (lane == 0) tile[simd_group] = part;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (simd_group > 0) return;  // ended threads are no part of what follows
  const float total = simd_sum(lane < size / width ? tile[lane] : 0.0f);
  const float largest = simd_max(total);  // all lanes hold the same
  if (lane == 0) sums[group] = simd_shuffle_down(largest, 0) == total ? largest : -1.0f;
}

// The lanes that have ended add nothing: 20 of the first 32.
kernel void sum_of_unfinished(device float* sums [[buffer(0)]], uint lane [[thread_index_in_simdgroup]]) {
  const float early = simd_sum(1.0f);
  if (lane >= 20) return;
  const float late = simd_sum(simd_sum(1.0f) / 20.0f);  // twice: a stale value of an ended lane would show in the second
  if (lane == 0) sums[0] = early;
  if (lane == 0) sums[1] = late;
}
