// Errors planted on purpose: the stand-in must catch each of them.
#include <metal_stdlib>
using namespace metal;

#ifndef THREADGROUP
#define THREADGROUP(n) [[threadgroup(n)]]
#endif

// Writes one value too far for each `count` that is not a multiple of the group: the bound check is missing.
kernel void no_bound_check(device float* out [[buffer(0)]], uint position [[thread_position_in_grid]]) { out[position] = 1.0f; }

// Reads the value before the first.
kernel void reads_before(device const float* values [[buffer(0)]], device float* out [[buffer(1)]]) { out[0] = values[-1]; }

// Writes a long way behind its buffer, where another one may lie.
kernel void writes_far(device float* out [[buffer(0)]], device const float* other [[buffer(1)]]) { out[1 << 20] = other[0]; }

// Threadgroup memory is one value too short for the group.
kernel void tile_overrun(threadgroup float* tile THREADGROUP(0), uint index [[thread_position_in_threadgroup]]) { tile[index] = 1.0f; }

// Half of the threads end before the barrier.
kernel void ends_before_barrier(device float* out [[buffer(0)]], uint index [[thread_position_in_threadgroup]]) {
  if (index >= 32) return;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  out[index] = 1.0f;
}

// Every thread meets a barrier, but not the same one.
kernel void two_barriers(device float* out [[buffer(0)]], uint index [[thread_position_in_threadgroup]]) {
  if (index % 2 == 0)
    threadgroup_barrier(mem_flags::mem_threadgroup);
  else
    threadgroup_barrier(mem_flags::mem_device);
  out[index] = 1.0f;
}

// Half of a SIMD group sums, the other half waits at a barrier.
kernel void divergent_sum(device float* out [[buffer(0)]], uint lane [[thread_index_in_simdgroup]]) {
  if (lane < 16) out[lane] = simd_sum(1.0f);
  threadgroup_barrier(mem_flags::mem_device);
}

// Reads its neighbour's value without a barrier between: the answer hangs on who runs first.
kernel void missing_barrier(
    device float* out [[buffer(0)]], threadgroup float* tile THREADGROUP(0), uint index [[thread_position_in_threadgroup]]) {
  tile[index] = float(index);
  out[index] = tile[index ^ 1];
}

#ifdef PLANTED_DOUBLE
static inline double widened(float value) { return value; }  // Metal has no f64
#endif
