#include "gates/pii_carry_over/marks.h"

#include "support/catch.h"

using layergate::ReadJson;
using layergate::Value;
using layergate::dbt::Column;
using layergate::dbt::Node;
using layergate::pii::Mark;
using layergate::pii::MarkOf;
using layergate::pii::YamlPatch;
using layergate::policy::PiiMarks;

namespace {

PiiMarks Words() {
  PiiMarks marks;
  marks.meta_keys = {"pii", "*.pii", "contains_pii"};
  marks.tags = {"pii", "pii:*"};
  return marks;
}

std::string WhatOf(const char* meta) {
  Column column;
  column.meta = *ReadJson(meta);
  auto mark = MarkOf(column, Words());
  return mark ? mark->Describe() : "none";
}

}  // namespace

TEST_CASE("Meta says it in many ways") {
  CHECK(WhatOf(R"({"pii": true})") == "meta.pii");
  CHECK(WhatOf(R"({"PII": "yes"})") == "meta.PII");
  CHECK(WhatOf(R"({"governance": {"pii": "high"}})") == "meta.governance.pii");
  CHECK(WhatOf(R"({"labels": ["internal", "pii:email"]})") == "meta.labels");
  CHECK(WhatOf(R"({"classification": "pii"})") == "meta.classification");
  CHECK(WhatOf(R"({"masking_policy": "mask_email"})") == "meta.masking_policy");
  CHECK(WhatOf(R"({"pii": true, "contains_pii": 1})") == "meta.pii, meta.contains_pii");
}

TEST_CASE("What is no mark") {
  for (const char* meta :
       {R"({})", R"({"pii": false})", R"({"pii": "No"})", R"({"pii": null})", R"({"pii": "none"})",
        R"({"pii": []})", R"({"pii": 0})", R"({"owner": "crm"})", R"({"labels": ["internal"]})",
        R"({"governance": {"pii": false}})"}) {
    INFO(meta);
    CHECK(WhatOf(meta) == "none");
  }
}

TEST_CASE("Tags and the places that warehouses use") {
  Column column;
  column.tags = {"daily", "pii:email"};
  CHECK(MarkOf(column, Words())->Describe() == "tag pii:email");
  column = {};
  column.policy_tags = *ReadJson(R"(["projects/p/policyTags/1"])");
  CHECK(MarkOf(column, Words())->Describe() == "policy_tags");
  column = {};
  column.databricks_tags = *ReadJson(R"({"team": "crm"})");
  CHECK_FALSE(MarkOf(column, Words()));
  column.databricks_tags = *ReadJson(R"({"team": "crm", "class": "pii"})");
  CHECK(MarkOf(column, Words())->Describe() == "databricks_tags.class");
  column = {};
  column.extra = *ReadJson(R"({"classifiers": ["pii.email"]})");
  CHECK(MarkOf(column, Words())->Describe() == "classifiers");
}

TEST_CASE("The patch stands where the project's dbt reads it") {
  Node node;
  node.resource_type = "model";
  node.name = "dim_customers";
  Column column;
  column.meta = *ReadJson(R"({"governance": {"pii": true, "owner": "crm"}})");
  column.tags = {"pii"};
  Mark mark = *MarkOf(column, Words());
  CHECK(YamlPatch(node, "contact", mark, "1.9.4") ==
        "models:\n  - name: dim_customers\n    columns:\n      - name: contact\n"
        "        meta:\n          governance:\n            pii: true\n        tags: [pii]\n");
  CHECK(YamlPatch(node, "contact", mark, "1.10.0") ==
        "models:\n  - name: dim_customers\n    columns:\n      - name: contact\n"
        "        config:\n          meta:\n            governance:\n              pii: true\n"
        "          tags: [pii]\n");
  node.resource_type = "source";
  node.source_name = "raw";
  node.name = "customers";
  CHECK(
      YamlPatch(node, "email", mark, "1.8.0").rfind("sources:\n  - name: raw\n    tables:\n", 0) ==
      0);
}
