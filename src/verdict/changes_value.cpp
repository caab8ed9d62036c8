#include "verdict/verdict.h"

namespace layergate::verdict {
namespace {

Value ReasonToValue(const change::Reason& reason) {
  Value value =
      Value::MakeObject({{"kind", reason.kind}, {"path", reason.path}, {"detail", reason.detail}});
  if (!reason.base.is_null() || !reason.head.is_null()) {
    value.Set("base", reason.base).Set("head", reason.head);
  }
  return value;
}

Value NodeToValue(const change::NodeChange& node, const plan::PlacedChange* placed) {
  Value value = Value::MakeObject({{"unique_id", node.unique_id}});
  if (!node.old_unique_id.empty() && node.old_unique_id != node.unique_id) {
    value.Set("old_unique_id", node.old_unique_id);
  }
  value.Set("resource_type", node.resource_type)
      .Set("change", change::ToString(node.kind))
      .Set("layer", placed && placed->layer ? Value(placed->layer_name) : Value())
      .Set("dbt_state", Value::FromStrings(node.dbt_state))
      .Set("also", Value::FromStrings(node.also))
      .Set("cosmetic", node.cosmetic)
      .Set("evidence", node.evidence);
  Value reasons = Value::MakeArray();
  for (const change::Reason& reason : node.reasons) reasons.Append(ReasonToValue(reason));
  return value.Set("reasons", std::move(reasons));
}

}  // namespace

Value ChangesToValue(const change::ChangeSet& changes, const plan::Plan& plan) {
  Value nodes = Value::MakeArray();
  for (size_t i = 0; i < changes.nodes.size(); ++i) {
    const change::NodeChange& node = changes.nodes[i];
    // The plan places every node in the order of the change set; look it up only when it does not.
    const plan::PlacedChange* placed = nullptr;
    if (i < plan.placed.size() && plan.placed[i].change == &node) {
      placed = &plan.placed[i];
    } else {
      for (const plan::PlacedChange& other : plan.placed) {
        if (other.change == &node) placed = &other;
      }
    }
    nodes.Append(NodeToValue(node, placed));
  }
  Value unknown = Value::MakeArray();
  for (const change::UnknownChange& item : changes.unknown) {
    unknown.Append(Value::MakeObject({{"path", item.path}, {"why", item.why}}));
  }
  return Value::MakeObject(
      {{"schema_version", 1}, {"nodes", std::move(nodes)}, {"unknown", std::move(unknown)}});
}

}  // namespace layergate::verdict
