#include "verdict/bar.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/window.h"
#include "verdict/approvals.h"

namespace layergate::verdict {
namespace {

constexpr std::string_view kAnyPeer = "any-peer";

struct Need {
  std::string role;
  int count = 0;
  std::vector<std::string> because;
};

void AddOnce(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

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
  AddOnce(need.because, because);
}

int Total(const policy::Bar& bar) {
  return std::max(bar.reviewers, static_cast<int>(bar.roles.size()));
}

void AddNamedRoles(std::vector<Need>& needs, const policy::Bar& bar, const std::string& because) {
  std::vector<std::string> seen;
  for (const std::string& role : bar.roles) {
    if (role == kAnyPeer || std::find(seen.begin(), seen.end(), role) != seen.end()) continue;
    seen.push_back(role);
    auto count = std::count(bar.roles.begin(), bar.roles.end(), role);
    Raise(needs, role, static_cast<int>(count), because);
  }
}

// The people whom the layer that made this need names.
std::vector<std::string> PeopleOf(const std::vector<const policy::Layer*>& layers,
                                  const Need& need) {
  for (const policy::Layer* layer : layers) {
    const std::vector<std::string>& people = layer->bar.people;
    if (!people.empty() && need.role == "one of " + Join(people, ", ")) return people;
  }
  return {};
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
  if (!window.holidays.empty()) text += ", not on holidays,";
  return text + (window.zone.empty() ? std::string(", zone not set") : " " + window.zone);
}

}  // namespace

std::vector<const policy::Layer*> TouchedLayers(const plan::Plan& plan,
                                                const policy::Policy& policy, bool anything_changed,
                                                bool reach_unknown) {
  std::vector<const policy::Layer*> touched;
  bool unplaced = false;
  for (const plan::PlacedChange& placed : plan.placed) unplaced = unplaced || !placed.layer;
  // A model with settings of its own is placed in a layer of its own, under the layer's name.
  for (const policy::Layer& layer : policy.layers) {
    for (const plan::PlacedChange& placed : plan.placed) {
      bool here = placed.layer && placed.layer->name == layer.name;
      if (here && std::find(touched.begin(), touched.end(), placed.layer) == touched.end()) {
        touched.push_back(placed.layer);
      }
    }
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
                                                bool llm_assisted, const policy::People& people) {
  constexpr const char* kLlm = "assisted-by:llm";
  std::vector<Need> needs;
  for (const policy::Layer* layer : layers) AddNamedRoles(needs, layer->bar, layer->name);
  static const policy::Layer kNoLayer;
  std::vector<const policy::Layer*> raised = layers;
  if (raised.empty()) raised.push_back(&kNoLayer);
  if (llm_assisted) {
    for (const policy::Layer* layer : raised) AddNamedRoles(needs, layer->llm, kLlm);
  }
  int named = 0;
  for (const Need& need : needs) named += need.count;
  // An approval by a named role is also a peer's: peers fill up what the strictest layer asks
  // beyond. Where the layer names the people, they come from among those.
  Need peers{std::string(kAnyPeer), 0, {}};
  std::vector<Need> chosen;
  auto fill_up = [&](int total, const std::vector<std::string>& from, const std::string& because) {
    int missing = total - named;
    if (!from.empty()) {
      Raise(chosen, "one of " + Join(from, ", "), std::max(missing, 1), because);
    } else if (missing > 0) {
      peers.count = std::max(peers.count, missing);
      AddOnce(peers.because, because);
    }
  };
  for (const policy::Layer* layer : layers)
    fill_up(Total(layer->bar), layer->bar.people, layer->name);
  if (llm_assisted) {
    for (const policy::Layer* layer : raised) fill_up(Total(layer->llm), {}, kLlm);
  }
  int from_chosen = 0;
  for (const Need& need : chosen) from_chosen += need.count;
  peers.count -= std::min(peers.count, from_chosen);

  std::vector<RequiredReviewer> result;
  auto add = [&](const Need& need, std::vector<std::string> by) {
    RequiredReviewer reviewer;
    reviewer.role = need.role;
    reviewer.count = need.count;
    reviewer.because = need.because;
    reviewer.people = std::move(by);
    result.push_back(std::move(reviewer));
  };
  if (peers.count > 0) add(peers, {});
  for (const Need& need : chosen) add(need, PeopleOf(layers, need));
  for (const Need& need : needs) {
    auto listed = people.roles.find(need.role);
    add(need, listed == people.roles.end() ? std::vector<std::string>() : listed->second);
  }
  return result;
}

std::vector<RequiredReviewer> OwnersNeeded(const policy::CodeOwners& owners,
                                           const std::vector<std::string>& paths) {
  constexpr size_t kShown = 3;
  std::vector<RequiredReviewer> result;
  for (const policy::CodeOwners::Need& need : owners.NeedsOf(paths)) {
    RequiredReviewer reviewer;
    reviewer.role = std::string(kCodeOwner);
    if (!need.section.empty()) reviewer.role += fmt::format(" [{}]", need.section);
    reviewer.count = need.approvals;
    reviewer.people = need.owners;
    for (size_t i = 0; i < need.paths.size() && i < kShown; ++i) {
      reviewer.because.push_back(need.paths[i]);
    }
    if (need.paths.size() > kShown) {
      reviewer.because.push_back(fmt::format("{} more", need.paths.size() - kShown));
    }
    result.push_back(std::move(reviewer));
  }
  return result;
}

Window MergeWindowOf(const std::vector<const policy::Layer*>& layers,
                     const std::vector<policy::Freeze>& freezes, const std::string& at) {
  std::vector<std::string> names, texts;
  std::vector<const policy::MergeWindow*> windows;
  for (const policy::Layer* layer : layers) {
    const policy::MergeWindow& window = layer->window;
    if (window.name.empty() || window.name == "any") continue;
    AddOnce(names, window.name);
    AddOnce(texts, WindowText(window));
    windows.push_back(&window);
  }
  std::vector<const policy::Freeze*> holding;
  for (const policy::Freeze& freeze : freezes) {
    bool concerns = std::any_of(layers.begin(), layers.end(), [&](const policy::Layer* layer) {
      return freeze.layers.empty() || std::find(freeze.layers.begin(), freeze.layers.end(),
                                                layer->name) != freeze.layers.end();
    });
    if (concerns) holding.push_back(&freeze);
  }
  Window window;
  window.name = names.empty() ? "any" : Join(names, ", ");
  window.text = texts.empty() ? "any time" : Join(texts, "; and ");
  window.state = "open";
  if (windows.empty() && holding.empty()) return window;
  std::optional<policy::Instant> now = policy::ParseInstant(at);
  if (!now) {
    window.state = "not evaluated";
    return window;
  }
  policy::Opening opening = policy::OpeningAt(windows, holding, *now);
  if (opening.changes_at) window.changes_at = policy::InstantText(*opening.changes_at);
  if (opening.open) return window;
  window.state = "closed";
  if (opening.closed_by.substr(0, 7) == "freeze ") window.text += "; " + opening.closed_by;
  if (opening.changes_at) {
    window.closed_until = policy::BothClocks(*opening.changes_at, opening.zone);
    window.text += "; closed until " + window.closed_until;
  } else {
    window.text += "; closed for more than a year";
  }
  return window;
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
