// Styles from descriptors: scores added with their weights, missing ones left out, the mean standardized.
#pragma once
#include "kernels/parts/cross_section.h"

namespace tickforge::TICKFORGE_ISA {

// f64 values of scratch for one blend, and for a row beside it.
inline i64 blend_scratch(i64 assets) { return 8 * (assets + 16); }

// `scratch` has room for six times the padded length and 16.
struct Blend {
  const u8* universe;
  i64 assets;
  f64 tail;
  f64* scratch;

  f64* sum() const { return scratch; }
  f64* known() const { return scratch + round_up(assets, 8); }
  f64* z() const { return scratch + 2 * round_up(assets, 8); }
  f64* room() const { return scratch + 3 * round_up(assets, 8); }

  void begin() const {
    for (i64 i = 0; i < assets; i++) sum()[i] = known()[i] = 0;
  }
  template <class T> void add(const T* row, f64 weight) const {
    style_score_of(Section<T, f64>{row, universe, nullptr, assets}, tail, false, room(), z());
    f64 *const s = sum(), *const k = known(), *const score = z();
    if (weight > 0)
      for (i64 i = 0; i < assets; i++) {
        const bool there = score[i] == score[i];
        s[i] += there ? weight * score[i] : 0.0, k[i] += there ? weight : 0.0;
      }
  }
  template <class X> void finish(X* out) const {
    f64* const s = sum();
    for (i64 i = 0; i < assets; i++) s[i] = s[i] / known()[i];
    standardize_row(s, universe, assets, room(), out);
  }
};

// A panel of one descriptor, or null, and its weight.
template <class T> struct Descriptor {
  const T* panel;
  f64 weight;
};

// Scores of all dates, `length` values of them: the output may have room for more. `scratch` as for a blend.
template <class T, i64 COUNT>
inline void blend_panels(const Descriptor<T> (&given)[COUNT], i64 length, OptionalIn<u8> universe, i64 assets, f64 tail, f64* scratch, Out<T> score) {
  for (i64 at = 0; at < length; at += assets) {
    const Blend blend{universe ? universe.data + at : nullptr, assets, tail, scratch};
    blend.begin();
    for (const Descriptor<T>& one : given)
      if (one.panel) blend.add(one.panel + at, one.weight);
    blend.finish(score.data + at);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
