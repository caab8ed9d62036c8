#include "report/report.h"

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "report/formats.h"

namespace layergate::report {
namespace {

struct Format {
  std::string_view name;
  Result<std::string> (*render)(const verdict::Verdict&, const RenderOptions&);
};

constexpr Format kFormats[] = {
#define LAYERGATE_FORMAT(name, function) {#name, function},
#include "report/formats.def"
#undef LAYERGATE_FORMAT
};

}  // namespace

std::vector<std::string_view> FormatNames() {
  std::vector<std::string_view> names;
  for (const Format& format : kFormats) names.push_back(format.name);
  return names;
}

Result<std::string> Render(const verdict::Verdict& verdict, std::string_view format,
                           const RenderOptions& options) {
  std::vector<std::string> known;
  for (const Format& candidate : kFormats) {
    if (candidate.name == format) return candidate.render(verdict, options);
    known.emplace_back(candidate.name);
  }
  std::string_view near = NearestName(format, known);
  std::string hint = near.empty() ? "" : fmt::format("; did you mean {}?", near);
  return MakeError(fmt::format("unknown report format \"{}\"{}", Printable(format), hint),
                   "formats: " + Join(known, ", "));
}

std::string Digest(const verdict::Verdict& verdict) {
  Value record = ToValue(verdict);
  Value::Object kept;
  for (const Value::Member& member : record.members()) {
    if (member.first != "timings") kept.push_back(member);
  }
  return Sha256Hex(WriteJson(Value(std::move(kept))));
}

}  // namespace layergate::report
