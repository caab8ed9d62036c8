// The first rung: dbt could read the project, and the manifest at hand is the one of this change.
#include "gate/gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"

namespace layergate {
namespace {

const GateInfo kInfo{
    .id = "parse",
    .title = "Parse",
    .summary = "The head manifest holds the changed nodes as the head commit has them",
    .subject = SubjectKind::kNode,
    .resource_types = {"model", "seed", "snapshot", "source", "analysis", "metric",
                       "semantic_model", "saved_query"},
    .needs = {Evidence::kHeadManifest},
    .uses = {Evidence::kGit},
    .rules =
        {
            {"parse.empty_model", "a model has no code", "fail", true},
            {"parse.disabled", "a node was switched off instead of being mended or removed", "fail",
             true},
        },
    .options = {},
};

bool IsDisabled(const dbt::Project& project, const std::string& id) {
  const std::vector<std::string>& ids = project.disabled_ids();
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// A model of comments and configuration alone gives dbt an empty query.
bool HasCode(std::string_view raw) {
  for (size_t i = 0; i < raw.size();) {
    std::string_view rest = raw.substr(i);
    std::string_view end = rest.substr(0, 2) == "--"   ? "\n"
                           : rest.substr(0, 2) == "/*" ? "*/"
                           : rest.substr(0, 2) == "{#" ? "#}"
                                                       : "";
    bool config =
        rest.substr(0, 2) == "{{" &&
        Trim(rest.substr(2, rest.find("}}") == std::string_view::npos ? std::string_view::npos
                                                                      : rest.find("}}") - 2))
                .substr(0, 7) == "config(";
    if (config) end = "}}";
    if (!end.empty()) {
      size_t close = rest.find(end);
      if (close == std::string_view::npos) return false;
      i += close + end.size();
    } else if (Trim(rest.substr(0, 1)).empty()) {
      ++i;
    } else {
      return true;
    }
  }
  return false;
}

// What check.cpp found when it held the manifests against the commits, as far as it is about this
// node's files.
void TellStale(GateContext& context, const dbt::Node& node) {
  const std::string file = context.LocationOf(node).path;
  const std::string yaml = context.PathOf(node.package_name, node.patch_path);
  for (const change::UnknownChange& unknown : context.changes().unknown) {
    bool mine = unknown.path == file || (!node.patch_path.empty() && unknown.path == yaml);
    if (!mine) continue;
    context.CannotTell("stale_manifest", unknown.why,
                       "run dbt at the head commit and use the manifest that it writes",
                       Location{unknown.path, 0, 0});
  }
}

class Parse final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    const dbt::Node* head = context.head_node();
    if (!head) {
      const dbt::Node* base = context.base_node();
      if (base) TellStale(context, *base);
      if (base && IsDisabled(context.head(), base->unique_id)) {
        Finding finding;
        finding.rule = "parse.disabled";
        finding.message = fmt::format("{} is disabled now; it still has its file", base->name);
        finding.fix = "enable it again, or remove the file and its readers";
        context.Report(std::move(finding));
      }
      return;
    }
    TellStale(context, *head);
    bool has_code = head->resource_type == "model" || head->resource_type == "snapshot" ||
                    head->resource_type == "analysis";
    if (has_code && head->language != "python" && !HasCode(head->raw_code)) {
      Finding finding;
      finding.rule = "parse.empty_model";
      finding.message = fmt::format("{} holds no SQL", head->original_file_path);
      finding.fix = "write the query, or remove the file";
      context.Report(std::move(finding));
    }
  }
};

}  // namespace

std::unique_ptr<Gate> Make_parse() { return std::make_unique<Parse>(); }

}  // namespace layergate
