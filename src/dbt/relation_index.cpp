#include "dbt/relation_index.h"

#include <algorithm>

#include "core/text.h"

namespace layergate::dbt {
namespace {

char ClosingQuote(char open) {
  if (open == '"' || open == '`') return open;
  return open == '[' ? ']' : '\0';
}

bool AgreeOnTail(const Relation& a, const Relation& b) {
  size_t count = std::min(a.size(), b.size());
  for (size_t i = 1; i <= count; ++i) {
    const std::string& left = a[a.size() - i];
    const std::string& right = b[b.size() - i];
    // A part that one side doesn't know (an empty database) fits every name.
    if (left != right && !left.empty() && !right.empty()) return false;
  }
  return true;
}

}  // namespace

Relation ParseRelation(std::string_view text) {
  Relation parts;
  text = Trim(text);
  if (text.empty()) return parts;
  std::string part;
  for (size_t i = 0; i < text.size();) {
    char close = ClosingQuote(text[i]);
    if (close == '\0') {
      if (text[i] == '.') {
        parts.push_back(ToLower(Trim(part)));
        part.clear();
      } else {
        part += text[i];
      }
      ++i;
      continue;
    }
    bool splits = text[i] == '`';
    for (++i; i < text.size(); ++i) {
      if (text[i] == close) {
        if (i + 1 < text.size() && text[i + 1] == close) {
          ++i;
        } else {
          break;
        }
      } else if (splits && text[i] == '.') {
        parts.push_back(ToLower(part));
        part.clear();
        continue;
      }
      part += text[i];
    }
    ++i;
  }
  parts.push_back(ToLower(Trim(part)));
  return parts;
}

void RelationIndex::Add(Relation relation, size_t node, bool is_source) {
  if (relation.empty() || relation.back().empty()) return;
  std::string identifier = relation.back();
  by_identifier_[identifier].push_back({std::move(relation), node, is_source});
}

std::optional<size_t> RelationIndex::Find(const Relation& relation) const {
  if (relation.empty()) return std::nullopt;
  auto found = by_identifier_.find(relation.back());
  if (found == by_identifier_.end()) return std::nullopt;
  const Entry* match = nullptr;
  for (const Entry& entry : found->second) {
    if (!AgreeOnTail(relation, entry.relation)) continue;
    if (!match) {
      match = &entry;
    } else if (match->relation == entry.relation && match->is_source != entry.is_source) {
      if (match->is_source) match = &entry;
    } else {
      return std::nullopt;
    }
  }
  return match ? std::optional(match->node) : std::nullopt;
}

}  // namespace layergate::dbt
