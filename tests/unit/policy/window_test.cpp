// Clocks, zones and merge windows: the days on which clocks are turned, year ends, and every minute
// against the next opening.
#include "policy/window.h"

#include <random>

#include "policy/codeowners.h"
#include "support/catch.h"

using namespace layergate::policy;

namespace {

MergeWindow Window(const std::string& zone, const std::string& from, const std::string& to,
                   std::vector<std::string> days = {"mon", "tue", "wed", "thu", "fri", "sat",
                                                    "sun"}) {
  MergeWindow window;
  window.name = "w";
  window.zone = zone;
  window.from = from;
  window.to = to;
  window.days = std::move(days);
  return window;
}

Instant At(const std::string& text) {
  auto instant = ParseInstant(text);
  INFO(text);
  REQUIRE(instant);
  return *instant;
}

}  // namespace

TEST_CASE("instants and days are read and written, and nothing else is") {
  CHECK(At("1970-01-01T00:00:00Z") == 0);
  CHECK(At("2026-11-24T05:20:00+02:00") == At("2026-11-24T03:20:00Z"));
  CHECK(At("2026-11-24T05:20:00.123Z") == At("2026-11-24T05:20:00Z"));
  CHECK(InstantText(At("2024-02-29T23:59:59Z")) == "2024-02-29T23:59:59Z");
  for (const char* bad :
       {"", "2026-11-24", "2026-11-24T05:20Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-11-24T24:00:00Z", "2026-11-24T05:20:00", "2026-11-24T05:20:00+2",
        "2026-11-24T05:20:00ZZ", "1969-12-31T00:00:00Z"}) {
    INFO(bad);
    CHECK_FALSE(ParseInstant(bad));
  }
  CHECK(ParseDay("2024-02-29"));
  CHECK_FALSE(ParseDay("2026-02-29"));
  CHECK_FALSE(ParseDay("2026-2-9"));
  CHECK(WeekdayOf(*ParseDay("2026-11-24")) == "tue");
}

TEST_CASE("zones come from the program itself") {
  setenv("TZDIR", "/nonexistent", 1);
  CHECK(IsZone("Europe/Berlin"));
  CHECK(IsZone("America/Argentina/Buenos_Aires"));
  CHECK(IsZone("UTC"));
  for (const char* no : {"", "Berlin", "Europe/Berlim", "../etc/passwd", "/etc/localtime",
                         "localtime", "Fixed/UTC+01:00:00", "europe/berlin"}) {
    INFO(no);
    CHECK_FALSE(IsZone(no));
  }
  CHECK(WallTimeText(WallTimeAt("Asia/Kolkata", At("2026-11-24T00:00:00Z"))) == "2026-11-24 05:30");
  CHECK(ZoneNames().size() > 400);
  // Long after the last rule in the files.
  CHECK(WallTimeText(WallTimeAt("Europe/Berlin", At("2060-07-01T10:00:00Z"))) ==
        "2060-07-01 12:00");
  CHECK(WallTimeText(WallTimeAt("Europe/Berlin", At("2060-12-01T10:00:00Z"))) ==
        "2060-12-01 11:00");
}

TEST_CASE("a window is half-open, on its days, in its zone") {
  struct Case {
    const char* at;
    bool open;
  };
  MergeWindow hours =
      Window("Europe/Berlin", "09:00", "17:00", {"mon", "tue", "wed", "thu", "fri"});
  hours.holidays = {"12-25", "2026-11-25"};
  const Case cases[] = {
      {"2026-11-24T07:59:59Z", false}, {"2026-11-24T08:00:00Z", true},
      {"2026-11-24T15:59:59Z", true},  {"2026-11-24T16:00:00Z", false},
      {"2026-11-28T12:00:00Z", false},  // Saturday
      {"2026-11-25T12:00:00Z", false},  // the holiday
      {"2027-11-25T12:00:00Z", true},   // of 2026 only
      {"2026-12-25T12:00:00Z", false}, {"2028-12-25T12:00:00Z", false},
      {"2026-06-24T07:00:00Z", true},  // summer time
      {"2026-06-24T06:59:59Z", false},
  };
  for (const Case& each : cases) {
    INFO(each.at);
    CHECK(IsOpen(hours, At(each.at)) == each.open);
  }
}

TEST_CASE("an overnight window belongs to the day on which it begins") {
  MergeWindow night = Window("Europe/Berlin", "22:00", "02:00", {"fri"});
  CHECK(IsOpen(night, At("2026-11-27T21:00:00Z")));        // Friday 22:00
  CHECK(IsOpen(night, At("2026-11-28T00:59:00Z")));        // Saturday 01:59
  CHECK_FALSE(IsOpen(night, At("2026-11-28T01:00:00Z")));  // Saturday 02:00
  CHECK_FALSE(IsOpen(night, At("2026-11-27T00:30:00Z")));  // Friday 01:30: Thursday's night
  night.holidays = {"2026-11-27"};
  CHECK_FALSE(IsOpen(night, At("2026-11-28T00:59:00Z")));
}

TEST_CASE("days on which clocks are turned") {
  // Forward: 02:00 becomes 03:00 on 2026-03-29 in Berlin, at 01:00 UTC.
  MergeWindow gap = Window("Europe/Berlin", "02:15", "02:45");
  CHECK_FALSE(IsOpen(gap, At("2026-03-29T00:59:59Z")));
  CHECK_FALSE(IsOpen(gap, At("2026-03-29T01:00:00Z")));
  Opening opening = OpeningAt({&gap}, {}, At("2026-03-29T00:30:00Z"));
  REQUIRE(opening.changes_at);
  CHECK(InstantText(*opening.changes_at) == "2026-03-30T00:15:00Z");
  MergeWindow over = Window("Europe/Berlin", "01:30", "02:30");
  CHECK(InstantText(*OpeningAt({&over}, {}, At("2026-03-29T00:45:00Z")).changes_at) ==
        "2026-03-29T01:00:00Z");
  // Back: 03:00 becomes 02:00 on 2026-10-25, at 01:00 UTC: 02:15 to 02:45 comes twice.
  CHECK(IsOpen(gap, At("2026-10-25T00:20:00Z")));
  CHECK(IsOpen(gap, At("2026-10-25T01:20:00Z")));
  CHECK_FALSE(IsOpen(gap, At("2026-10-25T00:50:00Z")));
  CHECK(InstantText(*OpeningAt({&gap}, {}, At("2026-10-25T00:50:00Z")).changes_at) ==
        "2026-10-25T01:15:00Z");
  // A zone that turns its clock at midnight: 2026-04-25 has no 00:00 in Cairo... the hour is
  // skipped.
  MergeWindow day = Window("Africa/Cairo", "00:00", "24:00", {"fri"});
  CHECK(IsOpen(day, At("2026-04-23T22:00:00Z")));  // Friday 01:00, its first minute
  CHECK_FALSE(IsOpen(day, At("2026-04-23T21:59:59Z")));
}

TEST_CASE("year ends and freezes") {
  Freeze freeze{"year-end", "America/New_York", "2026-12-20 18:00", "2027-01-04", "books", {}, {}};
  CHECK_FALSE(Holds(freeze, At("2026-12-20T22:59:59Z")));
  CHECK(Holds(freeze, At("2026-12-20T23:00:00Z")));
  CHECK(Holds(freeze, At("2027-01-01T00:00:00Z")));
  CHECK_FALSE(Holds(freeze, At("2027-01-04T05:00:00Z")));
  MergeWindow hours = Window("Europe/Berlin", "09:00", "17:00", {"mon"});
  Opening opening = OpeningAt({&hours}, {&freeze}, At("2026-12-31T23:59:59Z"));
  CHECK_FALSE(opening.open);
  CHECK(opening.closed_by == "freeze year-end: books");
  REQUIRE(opening.changes_at);
  // Monday the 4th opens at 09:00 in Berlin, but New York is frozen until 05:00 UTC: 08:00 UTC is
  // after.
  CHECK(BothClocks(*opening.changes_at, opening.zone) ==
        "Mon 2027-01-04 09:00 Europe/Berlin / 2027-01-04 08:00 UTC");
}

TEST_CASE("the next change is the first minute on which the answer differs") {
  std::mt19937 random(20261125);
  auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const char* zones[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                         "Asia/Kolkata",  "Africa/Cairo",     "Pacific/Apia"};
  const char* starts[] = {"2026-03-27T00:00:00Z", "2026-10-23T00:00:00Z", "2026-12-30T00:00:00Z",
                          "2026-04-03T00:00:00Z", "2026-03-07T00:00:00Z"};
  const char* week[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  auto time = [&] {
    char text[6];
    std::snprintf(text, sizeof text, "%02d:%02d", below(24), below(4) * 15);
    return std::string(text);
  };
  for (int round = 0; round < 150; ++round) {
    std::vector<std::string> days;
    for (const char* day : week) {
      if (below(3) > 0) days.emplace_back(day);
    }
    if (days.empty()) days = {"mon"};
    MergeWindow window = Window(zones[below(6)], time(), time(), days);
    if (window.from == window.to) continue;
    Instant at = At(starts[below(5)]) + Instant{below(4 * 24 * 60)} * 60;
    Opening opening = OpeningAt({&window}, {}, at);
    INFO(window.zone << " " << window.from << " " << window.to << " at " << InstantText(at));
    CHECK(opening.open == IsOpen(window, at));
    Instant scan = at;
    while (scan < at + 9 * 86400 && IsOpen(window, scan) == opening.open) scan += 60;
    if (scan < at + 9 * 86400) {
      REQUIRE(opening.changes_at);
      CHECK(InstantText(*opening.changes_at) == InstantText(scan));
    }
  }
}

TEST_CASE("CODEOWNERS: the last line that matches decides, sections each for themselves") {
  CodeOwners owners = CodeOwners::Parse(
      "# who answers for what\n"
      "*            @everyone\n"
      "/models/     @acme/data\n"
      "models/marts/*  ana@example.com @ana # direct children only\n"
      "models/open/\n"
      "*.md         nonsense\n"
      "\n[Security][2] @sec\n"
      "*.yml\n"
      "^[Optional]\n"
      "* @maybe\n",
      "CODEOWNERS");
  auto needs = owners.NeedsOf({"models/marts/a.sql", "models/marts/deep/b.sql", "models/open/c.sql",
                               "README.md", "dbt_project.yml"});
  std::vector<std::string> lines;
  for (const auto& need : needs) {
    std::string line = need.section + ":" + std::to_string(need.approvals) + ":";
    for (const std::string& owner : need.owners) line += owner + ",";
    line += ":";
    for (const std::string& path : need.paths) line += path + ",";
    lines.push_back(line);
  }
  CHECK(lines == std::vector<std::string>{
                     ":1:@acme/data,:models/marts/deep/b.sql,",
                     ":1:@everyone,:README.md,dbt_project.yml,",
                     ":1:ana@example.com,@ana,:models/marts/a.sql,",
                     "Security:2:@sec,:dbt_project.yml,",
                 });
  REQUIRE(owners.warnings().size() == 1);
  CHECK(owners.warnings()[0].substr(0, 13) == "CODEOWNERS:6:");
  CHECK(CoversPath("docs", "a/docs/b.md"));
  CHECK(CoversPath("/docs", "docs/b/c.md"));
  CHECK_FALSE(CoversPath("/docs", "a/docs/b.md"));
  CHECK(CoversPath("a/**/z", "a/b/c/z"));
}
