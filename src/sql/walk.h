// Going through a tree: one call per child, or per node below.
//
// Made from nodes.def and the Fields() of each node, so a field that is added there is walked here.
#pragma once

#include <type_traits>
#include <vector>

#include "sql/ast.h"

namespace layergate::sql {

// Calls `visit` with the node as its own type: VisitNode(n, [](const auto& typed) { ... }).
template <typename F>
decltype(auto) VisitNode(const Node& node, F&& visit) {
  switch (node.kind) {
#define LAYERGATE_SQL_NODE(type, name) \
  case Kind::k##type:                  \
    return visit(static_cast<const type&>(node));
#include "sql/nodes.def"
#undef LAYERGATE_SQL_NODE
  }
  return visit(static_cast<const Opaque&>(node));  // not reached: kinds are complete
}

namespace internal {

// Picks the children out of the fields of a node.
template <typename F>
struct ChildFields {
  F& visit;
  template <typename T>
  void operator()(const char*, const T& field) {
    if constexpr (std::is_pointer_v<T>) {
      if (field != nullptr) visit(static_cast<const Node*>(field));
    } else if constexpr (!std::is_same_v<T, Names> && !std::is_same_v<T, std::string_view>) {
      if constexpr (requires { field.begin(); }) {
        for (const Node* child : field) visit(child);
      }
    }
  }
};

}  // namespace internal

// Calls `visit(const Node*)` for each direct child, in the order of Fields(). Never with nullptr.
template <typename F>
void ForEachChild(const Node& node, F&& visit) {
  internal::ChildFields<std::remove_reference_t<F>> fields{visit};
  VisitNode(node, [&](const auto& typed) { typed.Fields(fields); });
}

// Calls `enter(const Node*)` for the node and for everything below it, parents first; children of a
// node are passed over when `enter` gives false. Uses no stack of its own, whatever the depth.
template <typename F>
void Walk(const Node* root, F&& enter) {
  std::vector<const Node*> todo;
  if (root != nullptr) todo.push_back(root);
  while (!todo.empty()) {
    const Node* node = todo.back();
    todo.pop_back();
    if (!enter(node)) continue;
    size_t first = todo.size();
    ForEachChild(*node, [&](const Node* child) { todo.push_back(child); });
    for (size_t i = first, j = todo.size(); i + 1 < j; ++i) std::swap(todo[i], todo[--j]);
  }
}

}  // namespace layergate::sql
