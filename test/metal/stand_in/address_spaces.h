// Address spaces of Metal as distinct types, for clang -fsyntax-only: a device pointer handed to a threadgroup parameter,
// or a pointer without a space, is refused as Metal refuses it. The numbers mean nothing.
#pragma once
#define device __attribute__((address_space(1)))
#define constant const __attribute__((address_space(2)))
#define threadgroup __attribute__((address_space(3)))
#define thread
