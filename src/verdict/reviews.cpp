#include "verdict/reviews.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "core/value.h"

namespace layergate::verdict {
namespace {

using policy::Instant;
using policy::ParseInstant;

std::string Text(const Value& value) { return std::string(value.AsString()); }

std::optional<Instant> TimeOf(const Value& value) { return ParseInstant(value.AsString()); }

// GitHub calls a person "login", GitLab "username".
std::string NameOf(const Value& user) {
  return std::string(user["login"].AsString(user["username"].AsString()));
}

bool Has(const Value& object, std::string_view key) { return object.Find(key) != nullptr; }

class Reader {
 public:
  Reader(const std::string& file, Reviews& reviews) : file_(file), reviews_(reviews) {}

  Result<void> Read(const Value& document) {
    if (document.is_array()) return ReadArray(document.items(), "reviews");
    if (!document.is_object()) return Unexpected("is neither an object nor a list");
    if (IsBundle(document)) return ReadBundle(document);
    return ReadObject(document);
  }

 private:
  struct Part {
    std::string_view name, meaning;  // what an empty list under this name means
  };
  static constexpr Part kParts[] = {
      {"pull_request", "pull_request"},
      {"merge_request", "pull_request"},
      {"reviews", "reviews"},
      {"approvals", "reviews"},
      {"commits", "commits"},
      {"timeline", "events"},
      {"events", "events"},
      {"label_events", "events"},
      {"comments", "comments"},
      {"notes", "comments"},
      {"versions", "versions"},
      {"approval_settings", "settings"},
  };

  Error Unexpected(std::string_view what) const {
    return MakeError(
        fmt::format("{}: {}", file_, what),
        "Give an answer of GitHub's or GitLab's API as it is, or several under the names "
        "pull_request, reviews, commits, timeline, comments, approvals, versions, label_events, "
        "notes, approval_settings and teams; docs/policy.md lists the addresses.");
  }

  static bool IsBundle(const Value& object) {
    // A pull request of GitHub has numbers under "commits" and "comments".
    auto holds = [&](std::string_view name) {
      return object[name].is_array() || object[name].is_object();
    };
    bool part = std::any_of(std::begin(kParts), std::end(kParts),
                            [&](const Part& known) { return holds(known.name); });
    return (part || object["teams"].is_object()) && !Has(object, "approved_by");
  }

  Result<void> ReadBundle(const Value& bundle) {
    for (const Part& part : kParts) {
      const Value& value = bundle[part.name];
      if (value.is_array()) {
        if (Result<void> read = ReadArray(value.items(), part.meaning); !read) return read.error();
      } else if (value.is_object()) {
        if (Result<void> read = ReadObject(value); !read) return read.error();
      }
    }
    for (const auto& [team, members] : bundle["teams"].members()) {
      std::vector<std::string>& people = reviews_.teams[team];
      for (const Value& member : members.items()) {
        people.push_back(member.is_string() ? Text(member) : NameOf(member));
      }
    }
    return {};
  }

  Result<void> ReadObject(const Value& object) {
    if (object["approved_by"].is_array()) {
      ReadApprovals(object);
    } else if (Has(object, "reset_approvals_on_push")) {
      reviews_.approvals_reset_on_push = object["reset_approvals_on_push"].AsBool();
      reviews_.committers_cannot_approve =
          object["merge_requests_disable_committers_approval"].AsBool();
    } else if (object["head"].is_object() && object["user"].is_object()) {
      reviews_.provider = "github";
      reviews_.author = NameOf(object["user"]);
      if (Has(object, "auto_merge")) reviews_.auto_merge = !object["auto_merge"].is_null();
    } else if (Has(object, "iid") && object["author"].is_object()) {
      reviews_.provider = "gitlab";
      reviews_.author = NameOf(object["author"]);
      if (Has(object, "merge_when_pipeline_succeeds")) {
        reviews_.auto_merge = object["merge_when_pipeline_succeeds"].AsBool();
      }
    } else if (Has(object, "message") && Has(object, "documentation_url")) {
      return Unexpected(
          fmt::format("is an error of the API: {}", Printable(Text(object["message"]))));
    } else {
      return Unexpected("is no answer about a pull request that is known here");
    }
    return {};
  }

  Result<void> ReadArray(const Value::Array& items, std::string_view meaning_when_empty) {
    if (items.empty()) {
      if (meaning_when_empty == "reviews") reviews_.reviews_known = true;
      return {};
    }
    if (items.front().is_array()) {  // pages
      for (const Value& page : items) {
        if (Result<void> read = ReadArray(page.items(), meaning_when_empty); !read)
          return read.error();
      }
      return {};
    }
    size_t index = 0;
    for (const Value& item : items) {
      ++index;
      if (!ReadItem(item)) {
        return Unexpected(fmt::format("item {} is nothing that is known here", index));
      }
    }
    return {};
  }

  bool ReadItem(const Value& item) {
    if (Has(item, "event")) {
      ReadEvent(item);
    } else if (Has(item, "state") && Has(item, "commit_id") && Has(item, "user")) {
      ReadReview(item);
    } else if (item["commit"].is_object() && Has(item, "sha")) {
      ReadGitHubCommit(item);
    } else if (Has(item, "head_commit_sha")) {
      if (auto at = TimeOf(item["created_at"])) {
        reviews_.pushed_at[Text(item["head_commit_sha"])] = *at;
      }
    } else if (Has(item, "committer_email")) {
      ReadGitLabCommit(item);
    } else if (Has(item, "action") && item["label"].is_object()) {
      ReadLabel(item["label"]["name"], item["user"], item["action"].AsString() == "add",
                item["created_at"]);
    } else if (Has(item, "body")) {
      const Value& user = Has(item, "user") ? item["user"] : item["author"];
      reviews_.comments.push_back({NameOf(user), Text(item["body"]), TimeOf(item["created_at"])});
    } else {
      return false;
    }
    return true;
  }

  void ReadReview(const Value& item) {
    reviews_.provider = "github";
    reviews_.reviews_known = true;
    Review review;
    review.person = NameOf(item["user"]);
    review.bot = item["user"]["type"].AsString() == "Bot";
    review.commit = Text(item["commit_id"]);
    review.at = TimeOf(item["submitted_at"]);
    std::string state = ToUpper(item["state"].AsString());
    if (state == "APPROVED") {
      review.state = Review::State::kApproved;
    } else if (state == "CHANGES_REQUESTED") {
      review.state = Review::State::kChangesRequested;
    } else if (state == "DISMISSED") {
      review.state = Review::State::kDismissed;
    } else {
      return;  // a comment takes nothing back
    }
    reviews_.reviews.push_back(std::move(review));
  }

  void ReadApprovals(const Value& answer) {
    reviews_.provider = "gitlab";
    reviews_.reviews_known = true;
    for (const Value& entry : answer["approved_by"].items()) {
      Review review;
      review.person = NameOf(entry["user"]);
      review.at = TimeOf(entry["approved_at"]);
      reviews_.reviews.push_back(std::move(review));
    }
  }

  void ReadGitHubCommit(const Value& item) {
    reviews_.commits_known = true;
    CommitPeople people;
    people.commit = Text(item["sha"]);
    for (std::string_view who : {"author", "committer"}) {
      std::string login = NameOf(item[who]);
      if (login == "web-flow") continue;  // GitHub itself, for a commit made on its pages
      if (!login.empty()) {
        people.logins.push_back(login);
      } else {
        people.emails.push_back(Text(item["commit"][who]["email"]));
      }
    }
    reviews_.commits.push_back(std::move(people));
  }

  void ReadGitLabCommit(const Value& item) {
    reviews_.commits_known = true;
    reviews_.commits.push_back(
        {Text(item["id"]), {}, {Text(item["author_email"]), Text(item["committer_email"])}});
  }

  // The timeline is in order: what stands after the commit came after it.
  void ReadEvent(const Value& item) {
    std::string_view event = item["event"].AsString();
    if (event == "committed") {
      commits_seen_.push_back(Text(item["sha"]));
      for (LabelEvent& label : reviews_.label_events) label.after_head = false;
    } else if (event == "labeled" || event == "unlabeled") {
      ReadLabel(item["label"]["name"], item["actor"], event == "labeled", item["created_at"]);
      reviews_.label_events.back().after_head = !commits_seen_.empty();
    } else if (event == "head_ref_force_pushed") {
      for (LabelEvent& label : reviews_.label_events) label.after_head = false;
    }
  }

  void ReadLabel(const Value& name, const Value& user, bool added, const Value& at) {
    reviews_.label_events.push_back({Text(name), NameOf(user), added, TimeOf(at), false});
  }

  const std::string& file_;
  Reviews& reviews_;
  std::vector<std::string> commits_seen_;
};

}  // namespace

Result<void> AddReviews(std::string_view json, const std::string& file, Reviews& reviews) {
  Result<Value> document = ReadJson(json);
  if (!document) return document.error().WithContext(file);
  reviews.files.push_back(file);
  return Reader(file, reviews).Read(*document);
}

}  // namespace layergate::verdict
