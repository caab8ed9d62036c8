// A test case as a person writes it: one Markdown file with fenced blocks, and the result that is
// expected. The format is described in tests/cases/README.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace layergate::cases {

struct Table {
  std::string name;
  std::string csv;  // header line first
  int repeat = 1;   // the data rows are there so many times
};

// One of the two commits compared.
struct Side {
  std::map<std::string, std::string> files;  // by path in the repository
  std::vector<Table> tables;
  Value manifest_patch = Value::MakeObject();
  Value catalog;  // {unique_id: {column: type}}; null: none
};

struct CaseFile {
  std::string path, title;
  Side base, head;
  std::optional<std::string> policy;  // YAML
  Value sources;                      // {source id: {status, age_hours, error}}; null: none
  Value run_results;                  // {unique_id or its beginning: status}; null: none
  Value settings = Value::MakeObject();
  std::string expected;  // the text of the findings block
  bool full = false;     // the block is `findings full`
  // Where the findings block's text lies in the file, for rewriting it.
  size_t expected_begin = 0, expected_end = 0;
};

Result<CaseFile> ReadCase(std::string_view text, const std::string& path);

}  // namespace layergate::cases
