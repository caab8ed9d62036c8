// Pairs of real manifests beside the repository, with what is known of the change between them.
#include <algorithm>

#include "change/change_set.h"
#include "core/file.h"
#include "manifests.h"

namespace layergate::change {
namespace {

const std::string kCorpus = LAYERGATE_SOURCE_DIR "/../shared/corpus/";

std::optional<ChangeSet> Pair(const std::string& base_path, const std::string& head_path) {
  if (!FileExists(kCorpus + base_path) || !FileExists(kCorpus + head_path)) {
    WARN("skipped: no " << base_path << " beside the repository");
    return std::nullopt;
  }
  auto base = dbt::Project::Load(kCorpus + base_path);
  auto head = dbt::Project::Load(kCorpus + head_path);
  REQUIRE(base);
  REQUIRE(head);
  CHECK(Compare(**base, **base).nodes.empty());
  return Compare(**base, **head);
}

size_t Count(const ChangeSet& set, std::string_view type, std::string_view word) {
  return static_cast<size_t>(
      std::count_if(set.nodes.begin(), set.nodes.end(), [&](const auto& node) {
        return node.resource_type == type && (word.empty() || node.Has(word));
      }));
}

TEST_CASE("a package upgrade: three bodies, macros, and columns no longer described") {
  auto set = Pair("hubspot/30af8e5/manifest.json", "hubspot/7c0c5ca/manifest.json");
  if (!set) return;
  CHECK(Count(*set, "model", "body") == 3);
  CHECK(Count(*set, "model", "macros") == 7);
  CHECK(Count(*set, "model", "columns") == 5);
  CHECK(Count(*set, "seed", "configs") == 6);
  CHECK(set->nodes.size() == 18);
}

TEST_CASE("one cast changed, and dbt selects every model for its configs") {
  auto set = Pair("hubspot/792b8ff/manifest.json", "hubspot/38114c7/manifest.json");
  if (!set) return;
  CHECK(Count(*set, "model", "configs") == 154);
  CHECK(Count(*set, "model", "body") == 1);
  CHECK(set->Find("model.hubspot.stg_hubspot__contact")->Has("body"));
}

TEST_CASE("tables moved by the naming macro alone") {
  auto set = Pair("databricks-lakehouse/a778234/manifest.json",
                  "databricks-lakehouse/f08ca9e/manifest.json");
  if (!set) return;
  CHECK(set->nodes.size() == 15);
  CHECK(Count(*set, "model", "relation_name") == 14);
  CHECK(Count(*set, "seed", "relation_name") == 1);
  CHECK(Count(*set, "model", "modified") == 0);
}

TEST_CASE("two dbt versions: metrics compared by meaning, checksums not at all") {
  auto set = Pair("artifacts-v1-v12/manifest/v12/jaffle_shop/manifest_1.11.json",
                  "artifacts-v1-v12/manifest/v12/jaffle_shop/manifest_1.12.json");
  if (!set) return;
  CHECK(Count(*set, "model", "body") == 1);
  CHECK(set->Find("metric.jaffle_shop.count_lifetime_orders")->also ==
        std::vector<std::string>{"description"});
  CHECK(set->Find("metric.jaffle_shop.lifetime_spend_pretax") == nullptr);
}

}  // namespace
}  // namespace layergate::change
