#include "verdict/bar.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::verdict {
namespace {

constexpr std::string_view kAnyPeer = "any-peer";

struct Need {
  std::string role;
  int count = 0;
  std::vector<std::string> because;
};

// The entry for `role`, made when there is none.
Need& NeedFor(std::vector<Need>& needs, std::string_view role) {
  for (Need& need : needs) {
    if (need.role == role) return need;
  }
  needs.push_back({std::string(role), 0, {}});
  return needs.back();
}

// Raises a need to `count`, remembering every layer that asks for it at all.
void Raise(std::vector<Need>& needs, std::string_view role, int count, const std::string& because) {
  Need& need = NeedFor(needs, role);
  need.count = std::max(need.count, count);
  need.because.push_back(because);
}

int Total(const policy::Bar& bar) {
  return std::max(bar.reviewers, static_cast<int>(bar.roles.size()));
}

void AddNamedRoles(std::vector<Need>& needs, const policy::Layer& layer) {
  std::vector<std::string> seen;
  for (const std::string& role : layer.bar.roles) {
    if (role == kAnyPeer || std::find(seen.begin(), seen.end(), role) != seen.end()) continue;
    seen.push_back(role);
    auto count = std::count(layer.bar.roles.begin(), layer.bar.roles.end(), role);
    Raise(needs, role, static_cast<int>(count), layer.name);
  }
}

std::string DaysText(const std::vector<std::string>& days) {
  static constexpr std::string_view kWeek[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  auto index = [](const std::string& day) {
    auto at = std::find(std::begin(kWeek), std::end(kWeek), day);
    return static_cast<size_t>(at - std::begin(kWeek));
  };
  bool run = days.size() > 2;
  for (size_t i = 1; i < days.size(); ++i) run = run && index(days[i]) == index(days[i - 1]) + 1;
  return run ? fmt::format("{} to {}", days.front(), days.back()) : Join(days, ", ");
}

std::string WindowText(const policy::MergeWindow& window) {
  std::string text = window.name;
  if (!window.days.empty()) text += ": " + DaysText(window.days);
  if (!window.from.empty()) text += fmt::format(" {} to {}", window.from, window.to);
  return text + (window.zone.empty() ? std::string(", zone not set") : " " + window.zone);
}

}  // namespace

std::vector<const policy::Layer*> TouchedLayers(const plan::Plan& plan,
                                                const policy::Policy& policy, bool anything_changed,
                                                bool reach_unknown) {
  std::vector<const policy::Layer*> touched;
  bool unplaced = false;
  for (const plan::PlacedChange& placed : plan.placed) unplaced = unplaced || !placed.layer;
  for (const policy::Layer& layer : policy.layers) {
    bool here =
        std::any_of(plan.placed.begin(), plan.placed.end(), [&](const plan::PlacedChange& placed) {
          return placed.layer && placed.layer->name == layer.name;
        });
    if (here) touched.push_back(&layer);
  }
  bool needs_floor = reach_unknown || (touched.empty() && (anything_changed || unplaced));
  if (!needs_floor) return touched;
  for (const policy::Layer& layer : policy.layers) {
    bool already = std::find(touched.begin(), touched.end(), &layer) != touched.end();
    if (layer.name == policy.unmatched_layer && !already) touched.push_back(&layer);
  }
  return touched;
}

std::vector<RequiredReviewer> RequiredReviewers(const std::vector<const policy::Layer*>& layers,
                                                bool llm_assisted) {
  std::vector<Need> needs;
  for (const policy::Layer* layer : layers) AddNamedRoles(needs, *layer);
  if (llm_assisted) Raise(needs, "senior-data-engineer", 1, "assisted-by:llm");
  int named = 0;
  for (const Need& need : needs) named += need.count;
  // An approval by a named role is also a peer's: peers fill up what the strictest layer asks
  // beyond.
  int peers = 0;
  std::vector<std::string> because;
  for (const policy::Layer* layer : layers) {
    int missing = Total(layer->bar) - named;
    if (missing <= 0) continue;
    peers = std::max(peers, missing);
    because.push_back(layer->name);
  }
  std::vector<RequiredReviewer> result;
  if (peers > 0) result.push_back({std::string(kAnyPeer), peers, because, "pending"});
  for (const Need& need : needs) {
    result.push_back({need.role, need.count, need.because, "pending"});
  }
  return result;
}

Window MergeWindowOf(const std::vector<const policy::Layer*>& layers) {
  std::vector<std::string> names, texts;
  for (const policy::Layer* layer : layers) {
    const policy::MergeWindow& window = layer->window;
    if (window.name.empty() || window.name == "any") continue;
    if (std::find(names.begin(), names.end(), window.name) == names.end()) {
      names.push_back(window.name);
    }
    std::string text = WindowText(window);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  if (names.empty()) return {"any", "open", "any time"};
  return {Join(names, ", "), "not evaluated", Join(texts, "; and ")};
}

int RollbackHours(const std::vector<const policy::Layer*>& layers) {
  int shortest = 0;
  for (const policy::Layer* layer : layers) {
    int hours = layer->rollback_sla_hours;
    if (hours > 0 && (shortest == 0 || hours < shortest)) shortest = hours;
  }
  return shortest;
}

}  // namespace layergate::verdict
