#include "verdict/break_glass.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::verdict {
namespace {

using policy::Instant;

// What stands behind "break-glass:" at the beginning of a line.
std::string ReasonIn(const std::string& comment) {
  constexpr std::string_view kWord = "break-glass:";
  for (std::string_view raw : Split(comment, '\n')) {
    std::string_view line = Trim(raw);
    if (line.size() > kWord.size() && EqualsIgnoreCase(line.substr(0, kWord.size()), kWord)) {
      return Printable(Trim(line.substr(kWord.size())));
    }
  }
  return {};
}

// The last reason that this person gave.
std::string ReasonOf(const std::string& person, const Reviews& reviews) {
  std::string reason;
  for (const Comment& comment : reviews.comments) {
    if (!EqualsIgnoreCase(comment.person, person)) continue;
    std::string said = ReasonIn(comment.text);
    if (!said.empty()) reason = std::move(said);
  }
  return reason;
}

const LabelEvent* LastEvent(const std::string& label, const Reviews& reviews) {
  const LabelEvent* last = nullptr;
  for (const LabelEvent& event : reviews.label_events) {
    if (event.label != label) continue;
    if (last && event.at && last->at && *event.at < *last->at) continue;
    last = &event;
  }
  return last;
}

bool CameAfterHead(const LabelEvent& event, const PeopleFacts& facts) {
  if (event.after_head) return true;
  auto pushed = facts.reviews->pushed_at.find(facts.head_commit);
  return pushed != facts.reviews->pushed_at.end() && event.at && *event.at >= pushed->second;
}

std::string WhyNot(const LabelEvent& event, const policy::BreakGlass& glass,
                   const PeopleFacts& facts, std::optional<Instant> now,
                   const std::string& reason) {
  const std::string& who = event.person;
  if (!IsAmong(who, glass.people, facts)) {
    return fmt::format("{} may not set it; the policy lets {}", Printable(who),
                       Join(glass.people, ", "));
  }
  std::string not_independent = NotIndependent(who, facts);
  if (!not_independent.empty()) {
    return fmt::format("{} is {}, and nobody lets their own change through", Printable(who),
                       not_independent);
  }
  if (!event.at || !now) return "when it was set is not known";
  if (!CameAfterHead(event, facts)) {
    return "it was set before the head commit was pushed, or the files of --reviews do not tell";
  }
  if (reason.empty()) {
    return fmt::format("{} has not said why: write a comment `break-glass: <reason>`",
                       Printable(who));
  }
  if (*now < *event.at) return "it was set after the time that is judged at";
  if (*now >= *event.at + Instant{glass.hours} * 3600) {
    return fmt::format("its {} hours are over", glass.hours);
  }
  return {};
}

}  // namespace

std::optional<BreakGlassUse> FindBreakGlass(const policy::Policy& policy, const PeopleFacts& facts,
                                            const std::vector<std::string>& labels,
                                            const std::string& at) {
  if (!policy.break_glass) return std::nullopt;
  const policy::BreakGlass& glass = *policy.break_glass;
  const LabelEvent* event = facts.reviews ? LastEvent(glass.label, *facts.reviews) : nullptr;
  bool claimed = std::find(labels.begin(), labels.end(), glass.label) != labels.end();
  if (event && !event->added) return std::nullopt;
  if (!event && !claimed) return std::nullopt;
  BreakGlassUse use;
  use.label = glass.label;
  if (!event) {
    use.why = "who set it is not known: give the pull request's timeline with --reviews";
    return use;
  }
  use.by = Printable(event->person);
  use.reason = ReasonOf(event->person, *facts.reviews);
  if (event->at) {
    use.at = policy::InstantText(*event->at);
    use.until = policy::InstantText(*event->at + Instant{glass.hours} * 3600);
  }
  use.why = WhyNot(*event, glass, facts, policy::ParseInstant(at), use.reason);
  use.holds = use.why.empty();
  return use;
}

std::string Describe(const BreakGlassUse& use) {
  return fmt::format("break-glass by {} until {}: {}", use.by, use.until, use.reason);
}

}  // namespace layergate::verdict
