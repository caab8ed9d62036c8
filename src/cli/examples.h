// What stands below each command's --help: how it is used, in words that can be pasted.
#pragma once

#include <string_view>
#include <utility>

namespace layergate::cli {

// By command, as it is typed after "layergate"; "" is the program itself.
inline constexpr std::pair<std::string_view, std::string_view> kExamples[] = {
    {"",
     R"(  layergate check                                    judge HEAD against its merge base with the default branch
  layergate check --base origin/main --head HEAD --output markdown:report.md --output json:result.json
  layergate changes --base-manifest prod/manifest.json --head-manifest target/manifest.json
  layergate lineage --dialect snowflake query.sql
  layergate explain row_count_diff
  layergate hook install)"},
    {"check", R"(  layergate check
  layergate check --base origin/main --head HEAD --output markdown:report.md --output json:result.json
  layergate check --no-git --base-manifest prod/manifest.json --head-manifest target/manifest.json
  layergate check --profiles-dir ~/.dbt --target-base prod --target-head pr --only row_count_diff --dry-run)"},
    {"doctor", R"(  layergate doctor
  layergate doctor --base origin/main --base-manifest prod/manifest.json)"},
    {"changes",
     R"(  layergate changes --base-manifest prod/manifest.json --head-manifest target/manifest.json
  layergate changes --base-manifest a.json --head-manifest b.json --explain model.shop.fct_orders)"},
    {"lineage", R"(  layergate lineage --dialect snowflake --format text query.sql
  echo 'select a + b as c from t' | layergate lineage --dialect duckdb -
  layergate lineage --manifest target/manifest.json --catalog target/catalog.json --select fct_orders --through)"},
    {"policy", R"(  layergate policy validate
  layergate policy explain fct_orders)"},
    {"policy validate", R"(  layergate policy validate --manifest target/manifest.json)"},
    {"policy show", R"(  layergate policy show
  layergate policy show --policy strict)"},
    {"policy explain", R"(  layergate policy explain fct_orders
  layergate policy explain fct_orders --from result.json --reviews approvals.json)"},
    {"policy simulate",
     R"(  layergate policy simulate --from result.json --policy strict
  layergate policy simulate --from result.json --at 2026-01-12T08:30:00Z --labels break-glass)"},
    {"policy baseline",
     R"(  layergate policy baseline --from result.json > .layergate/baseline.yml)"},
    {"policy schema", R"(  layergate policy schema > layergate.schema.json)"},
    {"policy test", R"(  layergate policy test --range main~50..main
  layergate policy test --range main~50..main --manifests manifests/ --format json)"},
    {"init", R"(  layergate init
  layergate init --print)"},
    {"render", R"(  layergate render --manifest target/manifest.json --select fct_orders
  layergate render --manifest target/manifest.json --against-compiled)"},
    {"hook", R"(  layergate hook install)"},
    {"hook install", R"(  layergate hook install --base-manifest ~/prod/manifest.json)"},
    {"audit append",
     R"(  layergate audit append --from result.json
  layergate audit append --event merged --from result.json --merge-commit $(git rev-parse HEAD)
  layergate audit append --event reverted --pull-request 42 --reason "orders were counted twice")"},
    {"audit verify", R"(  layergate audit verify --expect-head 4f1c...)"},
    {"audit export", R"(  layergate audit export --since 2026-10-01 --until 2027-01-01 > q4.csv
  layergate audit export --range v1.4..main > /dev/null)"},
    {"budget", R"(  layergate budget --period 2026-Q4)"},
    {"report",
     R"(  layergate report --from result.json --output markdown:report.md --output codequality:gl.json)"},
    {"rules", R"(  layergate rules
  layergate rules --format json)"},
    {"explain", R"(  layergate explain row_count_diff
  layergate explain lineage_diff.column_resourced)"},
    {"completions", R"(  layergate completions bash > /etc/bash_completion.d/layergate)"},
};

}  // namespace layergate::cli
