// One kernel for each function of shaders/pair.h, normal.h and philox.h, all of two numbers and a result.
#include <metal_stdlib>
using namespace metal;

#include "../../../shaders/philox.h"

kernel void test_add(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  put(add(pair_at(a + i), pair_at(b + i)), out + i);
}
kernel void test_times(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  put(times(pair_at(a + i), pair_at(b + i)), out + i);
}
kernel void test_over(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  put(over(pair_at(a + i), pair_at(b + i)), out + i);
}
kernel void test_root(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  (void)b;
  put(root(pair_at(a + i)), out + i);
}
kernel void test_exponential(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  (void)b;
  put(exponential(pair_at(a + i)), out + i);
}
kernel void test_exponential_less_one(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  (void)b;
  put(exponential_less_one(pair_at(a + i)), out + i);
}
kernel void test_logarithm(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  (void)b;
  put(logarithm(pair_at(a + i)), out + i);
}
kernel void test_logarithm_above_one(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  (void)b;
  put(logarithm_above_one(pair_at(a + i)), out + i);
}
kernel void test_normal_tail(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  (void)b;
  put(normal_tail(pair_at(a + i)), out + i);
}
kernel void test_normal_quantile_size(
    device const float2* a [[buffer(0)]], device const float2* b [[buffer(1)]], device float2* out [[buffer(2)]],
    uint i [[thread_position_in_grid]]) {
  (void)b;
  put(normal_quantile_size(pair_at(a + i)), out + i);
}
kernel void test_philox(device const uint* in [[buffer(0)]], device uint* out [[buffer(1)]], uint i [[thread_position_in_grid]]) {
  device const uint* six = in + 6 * i;
  const uint4 words = philox_words(uint4(six[0], six[1], six[2], six[3]), six[4], six[5]);
  device uint* four = out + 4 * i;
  four[0] = words.x, four[1] = words.y, four[2] = words.z, four[3] = words.w;
}
kernel void test_normal_of(
    device const uint* words [[buffer(0)]], device float2* out [[buffer(1)]], uint i [[thread_position_in_grid]]) {
  put(normal_of(words[2 * i], words[2 * i + 1]), out + i);
}
