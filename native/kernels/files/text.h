// Where separators, line ends and quotes lie: 64 bytes at a time.
#pragma once
#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

// One bit for each of 64 bytes.
struct Bits {
  u64 separators, ends, quotes;
};

#if defined(__AVX512BW__)
static inline u64 equal_to(__m512i block, u8 c) { return _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(static_cast<char>(c))); }
static inline Bits bits_of(const u8* p, u8 separator) {
  const __m512i block = _mm512_loadu_si512(p);
  return {equal_to(block, separator), equal_to(block, '\n'), equal_to(block, '"')};
}
#elif defined(__AVX2__)
static inline u64 equal_to(__m256i low, __m256i high, u8 c) {
  const __m256i all = _mm256_set1_epi8(static_cast<char>(c));
  return static_cast<u32>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, all))) |
         static_cast<u64>(static_cast<u32>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, all)))) << 32;
}
static inline Bits bits_of(const u8* p, u8 separator) {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  return {equal_to(low, high, separator), equal_to(low, high, '\n'), equal_to(low, high, '"')};
}
#elif defined(__SSE2__)
static inline u64 equal_to(const __m128i* blocks, u8 c) {
  const __m128i all = _mm_set1_epi8(static_cast<char>(c));
  u64 bits = 0;
  for (int i = 0; i < 4; i++) bits |= static_cast<u64>(static_cast<u32>(_mm_movemask_epi8(_mm_cmpeq_epi8(blocks[i], all)))) << (16 * i);
  return bits;
}
static inline Bits bits_of(const u8* p, u8 separator) {
  __m128i blocks[4];
  for (int i = 0; i < 4; i++) blocks[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
  return {equal_to(blocks, separator), equal_to(blocks, '\n'), equal_to(blocks, '"')};
}
#else
// Without movemask: 8 bytes a word; the high bit of each byte that is zero after the exclusive or, gathered by a product.
static inline u64 equal_to(const u8* p, u8 c) {
  u64 bits = 0;
  for (int i = 0; i < 8; i++) {
    u64 word;
    __builtin_memcpy(&word, p + 8 * i, 8);
    const u64 x = word ^ (0x0101010101010101 * c);
    const u64 zero = ~(((x & 0x7F7F7F7F7F7F7F7F) + 0x7F7F7F7F7F7F7F7F) | x | 0x7F7F7F7F7F7F7F7F);
    bits |= (((zero >> 7) * 0x0102040810204080) >> 56) << (8 * i);
  }
  return bits;
}
static inline Bits bits_of(const u8* p, u8 separator) { return {equal_to(p, separator), equal_to(p, '\n'), equal_to(p, '"')}; }
#endif

// The marks of a stretch of text, one after the other. The last block is padded with zeros in memory of its own.
class Marks {
 public:
  Marks(const u8* text, i64 length, u8 separator) : text_(text), length_(length), separator_(separator) { load(); }

  // Position of the next mark, or -1 at the end.
  i64 next() {
    while (!left_) {
      if (!further()) return -1;
    }
    const i64 at = block_ + __builtin_ctzll(left_);
    left_ &= left_ - 1;
    return at;
  }
  // Position of the end of the line, or -1; counts the separators before it and tells of quotes.
  i64 line_end(i64& separators, bool& quoted) {
    for (;;) {
      const u64 ends = bits_.ends & left_;
      const u64 before = ends ? left_ & ((ends & (~ends + 1)) - 1) : left_;
      separators += __builtin_popcountll(before & bits_.separators);
      quoted |= (before & bits_.quotes) != 0;
      if (ends) {
        const int at = __builtin_ctzll(ends);
        left_ &= ~(before | (ends & (~ends + 1)));
        return block_ + at;
      }
      if (!further()) return -1;
    }
  }

 private:
  bool further() {
    block_ += 64;
    if (block_ >= length_) return left_ = 0, false;
    load();
    return true;
  }
  void load() {
    if (length_ - block_ >= 64) {
      bits_ = bits_of(text_ + block_, separator_);
    } else {
      u8 padded[64] = {0};
      if (length_ > block_) __builtin_memcpy(padded, text_ + block_, static_cast<size_t>(length_ - block_));
      bits_ = bits_of(padded, separator_);
    }
    left_ = bits_.separators | bits_.ends | bits_.quotes;
  }
  const u8* text_;
  i64 length_;
  i64 block_ = 0;
  Bits bits_{0, 0, 0};
  u64 left_ = 0;
  u8 separator_;
};

}  // namespace tickforge::TICKFORGE_ISA
