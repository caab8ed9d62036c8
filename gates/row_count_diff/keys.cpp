#include "gates/row_count_diff/keys.h"

#include "dbt/keys.h"
#include "dbt/project.h"

namespace layergate::row_count_diff {

std::optional<Key> FindKey(const GateContext& context, const dbt::Node& node) {
  std::vector<std::string> chosen = dbt::PlainNames(context.Option("key"));
  if (!chosen.empty()) return Key{std::move(chosen), "the option `key`", false};
  // Tests of a snapshot's key hold for its current rows at most: the history repeats it.
  if (node.resource_type == "snapshot") return std::nullopt;
  std::vector<dbt::DeclaredKey> declared = dbt::DeclaredKeys(context.head(), node);
  if (declared.empty()) return std::nullopt;
  return Key{std::move(declared[0].columns), std::move(declared[0].source), false};
}

}  // namespace layergate::row_count_diff
