// The tests of one node on both sides, and which of them are one and the same.
//
// A generic test's arguments are part of its id, so a loosened test looks to dbt like one that went
// and one that came. Pairs are made by id, then by name, column and arguments, then by name and
// column (the arguments changed), then by name and arguments where the column was renamed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dbt/project.h"

namespace layergate::test_weakening {

struct TestPair {
  const dbt::Node* base = nullptr;  // null: added
  const dbt::Node* head = nullptr;  // null: gone
  bool disabled = false;            // gone, and the head manifest lists it as disabled
};

// The node that a test is about: the one it is attached to, the model of a unit test; of a singular
// test the one of its parents whose name it carries, so that each test is judged once.
std::string OwnerOf(const dbt::Node& test);

// Tests, data tests and unit tests of a node.
std::vector<const dbt::Node*> TestsOf(const dbt::Project& project, const std::string& node);

// Arguments of a generic test without those that only say what is tested.
Value ArgumentsOf(const dbt::Node& test);

// "dbt_utils.accepted_range(amount)", "assert_totals".
std::string TitleOf(const dbt::Node& test);

// `has_column` says whether the head's node still has a column: the same test of another column is
// the same only when the old column has another name now.
std::vector<TestPair> PairTests(const dbt::Project& base, const std::string& base_node,
                                const dbt::Project& head, const std::string& head_node,
                                const std::function<bool(const std::string&)>& has_column);

// What a test guarantees that another kind of test, or a constraint, can guarantee as well:
// "unique:a,b", "not_null:a". Empty for other tests, and for tests that look at some rows only.
std::vector<std::string> GuaranteesOf(const dbt::Node& test);
// The same of a contract's constraints, as far as that database enforces them.
std::vector<std::string> GuaranteesOfConstraints(const dbt::Node& node, std::string_view adapter);

}  // namespace layergate::test_weakening
