// Planted errors that only the address spaces show: memory of every other space is handed to a function that takes a pointer
// to a thread's own, and threadgroup memory to one that takes a device pointer.
#include <metal_stdlib>
using namespace metal;

#ifndef THREADGROUP
#define THREADGROUP(n) [[threadgroup(n)]]
#endif

static inline float own(thread const float* values) { return values[0]; }
static inline float shared(device const float* values) { return values[0]; }

kernel void wrong_space(device float* out [[buffer(0)]], constant float* table [[buffer(1)]], threadgroup float* tile THREADGROUP(0)) {
  float mine = 1.0f;
  tile[0] = own(&mine);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  mine += own(out);
  mine += own(table);
  mine += own(tile);
  out[0] = mine + shared(tile);
}
