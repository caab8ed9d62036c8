// Parses SQL files over and over, and prints what one query costs:
//   bench_sql DIALECT FILE_OR_FOLDER [ROUNDS]
// A file with several statements is taken apart at its semicolons, so that the number is per query.
// Time is the processor's, so that what else the machine does counts as little as can be.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sql/parse.h"

namespace {

using layergate::sql::Parse;
using layergate::sql::ParsedSql;

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Queries(const std::filesystem::path& path,
                                 layergate::sql::Dialect dialect) {
  std::vector<std::filesystem::path> files{path};
  if (std::filesystem::is_directory(path)) {
    files.clear();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.path().extension() == ".sql") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
  }
  std::vector<std::string> queries;
  for (const auto& file : files) {
    const std::string text = Read(file);
    const ParsedSql sql = Parse(text, dialect);
    for (const auto* statement : sql.statements()) queries.emplace_back(sql.Text(*statement));
  }
  return queries;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s DIALECT FILE_OR_FOLDER [ROUNDS]\n", argv[0]);
    return 2;
  }
  const auto dialect = layergate::sql::DialectFromName(argv[1]);
  if (!dialect) {
    std::fprintf(stderr, "'%s' is no dialect\n", argv[1]);
    return 2;
  }
  const std::vector<std::string> queries = Queries(argv[2], *dialect);
  if (queries.empty()) {
    std::fprintf(stderr, "no .sql file in '%s'\n", argv[2]);
    return 2;
  }
  const int rounds = argc > 3 ? std::max(1, std::atoi(argv[3])) : 20;
  size_t bytes = 0, not_understood = 0;
  for (const std::string& query : queries) {
    bytes += query.size();
    if (!Parse(query, *dialect).understood()) ++not_understood;
  }
  std::vector<double> times;  // of one round, in milliseconds
  for (int round = 0; round < rounds; ++round) {
    const std::clock_t start = std::clock();
    size_t statements = 0;
    for (const std::string& query : queries)
      statements += Parse(query, *dialect).statements().size();
    const std::clock_t took = std::clock() - start;
    if (statements == 0) return 1;
    times.push_back(static_cast<double>(took) * 1e3 / CLOCKS_PER_SEC);
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  std::printf("%zu queries, %zu bytes, %zu not understood\n", queries.size(), bytes,
              not_understood);
  std::printf("%.4f ms/query, %.1f MB/s (median of %d rounds)\n",
              median / static_cast<double>(queries.size()),
              static_cast<double>(bytes) / 1e6 / (median / 1e3), rounds);
  return 0;
}
