#include "verdict/labels.h"

#include <algorithm>
#include <set>

#include "core/text.h"

namespace layergate::verdict {
namespace {

constexpr std::string_view kFixed[] = {
    "layergate:pass",       "layergate:blocked",    "layergate:undecided", "needs-senior-review",
    "needs-data-pm-review", "hallucination-budget", "assisted-by:llm",
};

// What says that a model took part is never taken away again: no signal is not a sign of a human,
// and a budget that forgets is no budget.
constexpr std::string_view kSticky[] = {"hallucination-budget", "assisted-by:llm"};

constexpr std::string_view kPrefixes[] = {"layer:", "gate:"};

template <typename List>
bool Contains(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

// A name from the policy as part of a label. Providers split lists of labels at commas and cut or
// refuse names over 50 characters.
std::string Label(std::string_view prefix, std::string_view name) {
  std::string label = std::string(prefix) + Printable(name);
  std::replace(label.begin(), label.end(), ',', '-');
  constexpr size_t kLongest = 50;
  if (label.size() > kLongest) {
    size_t cut = kLongest;
    while (cut > 0 && (static_cast<unsigned char>(label[cut]) & 0xC0) == 0x80) --cut;
    label.resize(cut);
  }
  return label;
}

bool AsksFor(const Verdict& verdict, std::string_view role) {
  return std::any_of(verdict.required_reviewers.begin(), verdict.required_reviewers.end(),
                     [&](const RequiredReviewer& reviewer) { return reviewer.role == role; });
}

}  // namespace

Labels LabelsOf(const Verdict& verdict, const std::vector<const policy::Layer*>& touched,
                const policy::Policy& policy) {
  bool llm = verdict.provenance.status == "llm";
  std::set<std::string> add;
  add.insert("layergate:" + std::string(ToString(verdict.decision)));
  if (llm || AsksFor(verdict, "senior-data-engineer")) add.insert("needs-senior-review");
  if (AsksFor(verdict, "data-pm")) add.insert("needs-data-pm-review");
  if (llm) add.insert({"hallucination-budget", "assisted-by:llm"});
  for (const policy::Layer* layer : touched) add.insert(Label("layer:", layer->name));
  for (const GateResult& result : verdict.gates) {
    if (result.status == GateStatus::kFail) add.insert(Label("gate:", result.gate));
  }

  std::set<std::string> remove(std::begin(kFixed), std::end(kFixed));
  for (std::string_view sticky : kSticky) remove.erase(std::string(sticky));
  for (const policy::Layer& layer : policy.layers) {
    remove.insert(Label("layer:", layer.name));
    for (const policy::GateRule& rule : layer.gates) remove.insert(Label("gate:", rule.gate));
  }
  for (const policy::GateRule& rule : policy.pull_request_gates) {
    remove.insert(Label("gate:", rule.gate));
  }
  for (const GateResult& result : verdict.gates) remove.insert(Label("gate:", result.gate));
  for (const std::string& label : add) remove.erase(label);
  return {{add.begin(), add.end()}, {remove.begin(), remove.end()}};
}

bool IsOurLabel(std::string_view label) {
  if (Contains(kFixed, label)) return true;
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes), [&](std::string_view prefix) {
    return label.size() > prefix.size() && label.substr(0, prefix.size()) == prefix;
  });
}

}  // namespace layergate::verdict
