#include "sql/keyword.h"

#include <array>
#include <cstddef>

namespace layergate::sql {
namespace {

enum Flags : uint8_t { R = 1, A = 2, T = 4 };

struct Entry {
  std::string_view word;
  int flags;
};

constexpr Entry kEntries[] = {
    {"", 0},
#define LAYERGATE_SQL_KEYWORD(word, flags) {#word, flags},
#include "sql/keywords.def"
#undef LAYERGATE_SQL_KEYWORD
};
constexpr size_t kCount = std::size(kEntries);
constexpr size_t kSlots = 2048;
static_assert(kCount * 4 < kSlots, "the table wants to stay sparse");

constexpr unsigned char Upper(char c) {
  return static_cast<unsigned char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

constexpr size_t Hash(std::string_view word) {
  uint32_t hash = static_cast<uint32_t>(word.size());
  for (char c : word) hash = (hash ^ Upper(c)) * 0x01000193U;
  return (hash ^ (hash >> 15)) % kSlots;
}

constexpr std::array<uint16_t, kSlots> MakeSlots() {
  std::array<uint16_t, kSlots> slots{};
  for (size_t i = 1; i < kCount; ++i) {
    size_t at = Hash(kEntries[i].word);
    while (slots[at] != 0) at = (at + 1) % kSlots;
    slots[at] = static_cast<uint16_t>(i);
  }
  return slots;
}
constexpr std::array<uint16_t, kSlots> kTable = MakeSlots();

bool Matches(std::string_view keyword, std::string_view word) {
  if (keyword.size() != word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (static_cast<unsigned char>(keyword[i]) != Upper(word[i])) return false;
  }
  return true;
}

}  // namespace

Kw FindKeyword(std::string_view word) {
  if (word.size() > 24) return Kw::kNone;
  for (size_t at = Hash(word); kTable[at] != 0; at = (at + 1) % kSlots) {
    if (Matches(kEntries[kTable[at]].word, word)) return static_cast<Kw>(kTable[at]);
  }
  return Kw::kNone;
}

std::string_view ToString(Kw keyword) { return kEntries[static_cast<size_t>(keyword)].word; }

bool StartsNoExpression(Kw keyword) {
  return (kEntries[static_cast<size_t>(keyword)].flags & R) != 0;
}
bool IsNoItemAlias(Kw keyword) { return (kEntries[static_cast<size_t>(keyword)].flags & A) != 0; }
bool IsNoTableAlias(Kw keyword) { return (kEntries[static_cast<size_t>(keyword)].flags & T) != 0; }

}  // namespace layergate::sql
