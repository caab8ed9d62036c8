#include "lineage/shape.h"

#include "core/text.h"

namespace layergate::lineage {

namespace {

constexpr int kMaxNesting = 64;

// Cuts a list at commas outside of brackets.
std::vector<std::string_view> Cut(std::string_view list) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (c == '<' || c == '(' || c == '[') ++depth;
    if (c == '>' || c == ')' || c == ']') --depth;
    if (c == ',' && depth == 0) {
      parts.push_back(list.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  if (begin < list.size()) parts.push_back(list.substr(begin));
  return parts;
}

TypeTree Parse(std::string_view type, int depth);

TypeTree ParseStruct(std::string_view fields, int depth) {
  TypeTree tree;
  tree.kind = TypeTree::Kind::kStruct;
  for (const std::string_view part : Cut(fields)) {
    const std::string_view field = Trim(part);
    size_t end = 0;
    std::string name;
    if (!field.empty() && (field[0] == '"' || field[0] == '`')) {
      end = field.find(field[0], 1);
      if (end == std::string_view::npos) return {};
      name = std::string(field.substr(1, end - 1));
      ++end;
    } else {
      while (end < field.size() && field[end] != ' ' && field[end] != ':') ++end;
      name = std::string(field.substr(0, end));
    }
    std::string_view rest = Trim(field.substr(end));
    if (!rest.empty() && rest[0] == ':') rest = Trim(rest.substr(1));
    if (name.empty() || rest.empty()) return {};  // fields without names
    tree.names.push_back(std::move(name));
    tree.children.push_back(Parse(rest, depth + 1));
  }
  return tree.names.empty() ? TypeTree{} : tree;
}

TypeTree ArrayOf(TypeTree element) {
  TypeTree tree;
  tree.kind = TypeTree::Kind::kArray;
  tree.children.push_back(std::move(element));
  return tree;
}

TypeTree Parse(std::string_view type, int depth) {
  type = Trim(type);
  if (depth > kMaxNesting || type.empty()) return {};
  if (type.size() > 2 && type.substr(type.size() - 2) == "[]") {
    return ArrayOf(Parse(type.substr(0, type.size() - 2), depth + 1));
  }
  const size_t open = type.find_first_of("<(");
  if (open == std::string_view::npos) return {};
  const char close = type[open] == '<' ? '>' : ')';
  const size_t end = type.rfind(close);
  if (end == std::string_view::npos || end < open) return {};
  const std::string word = ToLower(Trim(type.substr(0, open)));
  const std::string_view inside = type.substr(open + 1, end - open - 1);
  if (word == "struct" || word == "row" || word == "record" || word == "tuple" ||
      word == "object") {
    return ParseStruct(inside, depth);
  }
  if (word == "array" || word == "list") return ArrayOf(Parse(inside, depth + 1));
  if (word == "nested") return ArrayOf(ParseStruct(inside, depth));
  if (word == "nullable") return Parse(inside, depth + 1);
  return {};
}

}  // namespace

TypeTree ParseTypeTree(std::string_view type) { return Parse(type, 0); }

}  // namespace layergate::lineage
