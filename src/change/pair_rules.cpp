#include "change/pair_rules.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "change/python_text.h"

namespace layergate::change {
namespace {

// What dbt hashes of a unit test.
constexpr std::string_view kUnitTestParts[] = {"model", "versions", "given", "expect", "overrides"};

}  // namespace

void PairRules::Differs(bool differs, std::string_view kind, std::string detail, Value base,
                        Value head) {
  if (!differs) return;
  modified_ = true;
  findings_.Because(kind, findings_.YamlOf(head_), std::move(detail), std::move(base),
                    std::move(head));
}

void PairRules::DiffersField(std::string_view field) {
  Value base = WithoutNulls(base_.definition[field]);
  Value head = WithoutNulls(head_.definition[field]);
  if (base == head || (base.empty() && head.empty() && !base.is_string() && !head.is_string())) {
    return;
  }
  Differs(true, field, fmt::format("{} differs", field), Small(base), Small(head));
}

void PairRules::DiffersText(std::string_view field, const std::string& base,
                            const std::string& head) {
  Differs(base != head, field, fmt::format("{} differs", field), Small(base), Small(head));
}

bool SameContract(const dbt::Node& base, const dbt::Node& head) {
  using Promise = std::tuple<std::string, std::string, std::vector<dbt::Constraint>>;
  auto promises = [](const dbt::Node& node) {
    std::vector<Promise> all;
    for (const dbt::Column& column : node.columns) {
      all.emplace_back(column.name, column.data_type, column.constraints);
    }
    std::sort(all.begin(), all.end(),
              [](const Promise& a, const Promise& b) { return std::get<0>(a) < std::get<0>(b); });
    return all;
  };
  return promises(base) == promises(head) && base.constraints == head.constraints &&
         (base.materialized == head.materialized ||
          (base.constraints.empty() && head.constraints.empty()));
}

bool SameUnitTest(const dbt::Node& base, const dbt::Node& head) {
  if (base.checksum == head.checksum && !head.checksum.empty()) return true;
  if (!base.checksum.empty() && !head.checksum.empty()) return false;
  auto part = [](const dbt::Node& node, std::string_view key) {
    Value value = WithoutNulls(node.definition[key]);
    return value.empty() && !value.is_string() ? Value() : value;
  };
  return std::all_of(std::begin(kUnitTestParts), std::end(kUnitTestParts),
                     [&](std::string_view key) { return part(base, key) == part(head, key); });
}

bool PairRules::Contract() {
  if (!base_.contract.enforced && !head_.contract.enforced) return false;
  if (base_.contract.enforced && head_.contract.enforced &&
      base_.contract.checksum == head_.contract.checksum) {
    return false;
  }
  findings_.State("contract");
  bool same = SameContract(base_, head_);
  findings_.Because("contract", findings_.YamlOf(head_),
                    base_.contract.enforced != head_.contract.enforced ? "contract.enforced"
                    : same ? "contract: the checksums differ, columns, types and constraints don't"
                           : "the enforced contract's columns, types or constraints differ",
                    base_.contract.enforced, head_.contract.enforced);
  return true;
}

void PairRules::RefRepresentation() {
  DiffersText("latest_version", base_.latest_version, head_.latest_version);
  // Manifests before v9 know no access; dbt's default is protected.
  auto access = [](const dbt::Node& node) {
    return node.access.empty() ? std::string("protected") : node.access;
  };
  DiffersText("access", access(base_), access(head_));
  DiffersText("deprecation_date", base_.deprecation_date, head_.deprecation_date);
}

bool PairRules::SameWithoutText() const {
  if (base_.raw_code.empty() && head_.raw_code.empty()) return base_.checksum == head_.checksum;
  const dbt::Node& with = base_.raw_code.empty() ? head_ : base_;
  const dbt::Node& without = base_.raw_code.empty() ? base_ : head_;
  return IsChecksumOf(without.checksum, with.raw_code);
}

std::string PairRules::BodyDetail() const {
  if (head_.resource_type == "unit_test") return "the checksums differ";
  if (head_.resource_type != "seed" && LacksText()) {
    return fmt::format("the {} manifest lacks the text, and the checksums differ",
                       base_.raw_code.empty() ? "base" : "head");
  }
  if (context_.rust_engine && head_.resource_type != "seed" &&
      CollapseWhitespace(base_.raw_code) == CollapseWhitespace(head_.raw_code)) {
    return "the checksums differ, the text is the same";
  }
  if (head_.is_model()) return "the model's text differs";
  if (head_.resource_type != "seed") return "the text differs";
  return context_.hashed_differently
             ? "the file's checksum differs (the two versions of dbt compute it differently)"
             : "the file's checksum differs";
}

std::string PairRules::ConfigPath(std::string_view key) const {
  std::string underscored(key);
  std::replace(underscored.begin(), underscored.end(), '-', '_');
  for (const dbt::Node* node : {&head_, &base_}) {
    size_t config = node->raw_code.find("config(");
    if (config != std::string::npos &&
        node->raw_code.find(underscored, config) != std::string::npos) {
      return findings_.FileOf(*node);
    }
  }
  return {};
}

std::string PairRules::ConfigDetail(std::string_view key) const {
  bool rendered_same = base_.config[key] == head_.config[key];
  return fmt::format("config.{}{}", key,
                     rendered_same ? ": written differently, the value in force is the same" : "");
}

}  // namespace layergate::change
