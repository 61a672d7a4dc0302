// What a row of a table says of itself, for the handshake with its contract. No Node in here.
#pragma once
#include <string>

#include "kernel.h"

namespace tickforge {

inline const char* const type_names[] = {"f64", "f32", "i64", "i32", "u32", "i8", "u8"};

// The next of a list of names.
inline std::string next_name(const char*& list) {
  const char* end = list;
  while (*end && *end != ',') end++;
  std::string name(list, end);
  list = *end ? end + 2 : end;
  return name;
}

// "mean, both" as "mean|both".
inline std::string list_words(const char* list) {
  std::string text = next_name(list);
  while (*list) text += "|" + next_name(list);
  return text;
}

// The string that src/core/contract/contract.ts derives from the contract.
inline std::string signature(const Row& row) {
  std::string text = "(";
  const char* separator = "";
  bool state = false, out = false;
  Names names = *row.names;
  for (int i = 0; i < row.count; i++) {
    const ArgType t = row.types[i];
    const bool option = t.kind == Kind::I32 || t.kind == Kind::F64;
    if (t.kind == Kind::STATE && !state) separator = ";", state = true;
    if (t.kind == Kind::WORKSPACE || t.kind == Kind::THREADS) {
      text += t.kind == Kind::WORKSPACE ? ";workspace" : ";threads";
      continue;
    }
    if ((t.kind == Kind::OUT || t.kind == Kind::OPTIONAL_OUT) && !out) separator = ")->(", out = true;
    const char*& list = option ? names.options : out ? names.outputs : state ? names.state : names.inputs;
    text.append(separator).append(next_name(list)).append(":");
    text.append(row.words && row.words[i] ? list_words(row.words[i]) : type_names[static_cast<int>(t.type)]);
    if (!option) text += "[]";
    if (t.kind == Kind::OPTIONAL_IN || t.kind == Kind::OPTIONAL_OUT) text += "?";
    separator = ",";
  }
  return text + ")";
}

inline const char* dtype_of(const Row& row) { return row.any ? "any" : type_names[static_cast<int>(row.real)]; }

}  // namespace tickforge
