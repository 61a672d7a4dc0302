// Contract: src/files/kernels/crc32c.ts. Three streams side by side hide the latency of the processor's instruction; their sums are
// joined by shifting a sum over the length of the stream behind it, which is a product of 32-bit polynomials, looked up in tables.
#if defined(__SSE4_2__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "bytes, before", .outputs = "crc"};

namespace {

constexpr u32 polynomial = 0x82F63B78;

struct Bytewise {
  u32 of[256];
  constexpr Bytewise() : of() {
    for (u32 i = 0; i < 256; i++) {
      u32 r = i;
      for (int bit = 0; bit < 8; bit++) r = r & 1 ? r >> 1 ^ polynomial : r >> 1;
      of[i] = r;
    }
  }
};
constexpr Bytewise bytewise;

u32 step1(u32 r, u8 byte) { return bytewise.of[(r ^ byte) & 255] ^ r >> 8; }

u32 step8(u32 r, const u8* p) {
#if defined(__SSE4_2__) || defined(__ARM_FEATURE_CRC32)
  u64 word;
  __builtin_memcpy(&word, p, 8);
#if defined(__SSE4_2__)
  return static_cast<u32>(_mm_crc32_u64(r, word));
#else
  return __crc32cd(r, word);
#endif
#else
  for (int i = 0; i < 8; i++) r = step1(r, p[i]);
  return r;
#endif
}

// Product of two polynomials modulo the CRC's; bit 31 is the constant term.
constexpr u32 times(u32 a, u32 b) {
  u32 product = 0;
  for (u32 bit = u32{1} << 31; bit; bit >>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? b >> 1 ^ polynomial : b >> 1;
  }
  return product;
}
constexpr u32 over_bytes(i64 bytes) {  // x^(8 * bytes)
  u32 power = u32{1} << 31, square = u32{1} << 23;
  for (; bytes; bytes >>= 1) {
    if (bytes & 1) power = times(power, square);
    square = times(square, square);
  }
  return power;
}

// The product with x^(8 * bytes), by the bytes of the other factor.
struct Behind {
  u32 of[4][256];
  constexpr explicit Behind(i64 bytes) : of() {
    const u32 power = over_bytes(bytes);
    for (u32 place = 0; place < 4; place++)
      for (u32 byte = 0; byte < 256; byte++) of[place][byte] = times(power, byte << 8 * place);
  }
  u32 operator()(u32 r) const { return of[0][r & 255] ^ of[1][r >> 8 & 255] ^ of[2][r >> 16 & 255] ^ of[3][r >> 24]; }
};

// Frames of columns are a few kB each: without the shorter one most of them would wait for the instruction.
constexpr i64 long_stretch = 4096, short_stretch = 256;
constexpr Behind behind_long(long_stretch), behind_short(short_stretch);

u32 in_threes(u32 r, const u8*& p, i64& left, i64 stretch, const Behind& behind) {
  for (; left >= 3 * stretch; left -= 3 * stretch, p += 3 * stretch) {
    u32 second = 0, third = 0;
    for (i64 i = 0; i < stretch; i += 8) {
      r = step8(r, p + i);
      second = step8(second, p + stretch + i);
      third = step8(third, p + 2 * stretch + i);
    }
    r = behind(behind(r) ^ second) ^ third;
  }
  return r;
}

}  // namespace

Status crc32c(In<u8> bytes, OptionalIn<u32> before, Out<u32> crc) {
  const u8* p = bytes.data;
  i64 left = bytes.length;
  u32 r = before.data ? ~before[0] : ~u32{0};
  r = in_threes(r, p, left, long_stretch, behind_long);
  r = in_threes(r, p, left, short_stretch, behind_short);
  for (; left >= 8; left -= 8, p += 8) r = step8(r, p);
  for (; left > 0; left--, p++) r = step1(r, *p);
  crc[0] = ~r;
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(crc32c)
