// Walks over a graph that may be cut off.
#include "git/history.h"

#include <map>

#include "support/catch.h"

using namespace layergate::git;

namespace {

// Names are commits; the time is the position in the alphabet.
struct Graph {
  std::map<std::string, Links> commits;
  void Add(const std::string& id, std::vector<std::string> parents, bool cut = false) {
    commits[id] = Links{std::move(parents), id[0], cut};
  }
  LinksOf Look() const {
    return [this](const std::string& id) -> layergate::Result<Links> {
      auto found = commits.find(id);
      if (found == commits.end()) return layergate::MakeError("missing " + id);
      return found->second;
    };
  }
};

std::string Base(const Graph& graph, const std::string& a, const std::string& b) {
  auto base = BestCommonAncestor(a, b, graph.Look());
  if (!base) return base.error().message;
  return base->value_or("none");
}

}  // namespace

TEST_CASE("the best common ancestor is the nearest one") {
  Graph graph;
  graph.Add("a", {});
  graph.Add("b", {"a"});
  graph.Add("c", {"b"});
  graph.Add("d", {"b"});
  graph.Add("e", {"c", "d"});
  graph.Add("f", {"d"});
  CHECK(Base(graph, "c", "d") == "b");
  CHECK(Base(graph, "e", "f") == "d");
  CHECK(Base(graph, "a", "f") == "a");
  CHECK(Base(graph, "e", "e") == "e");
  auto between = CommitsBetween("b", "e", 10, graph.Look());
  REQUIRE(between);
  CHECK(*between == std::vector<std::string>{"e", "d", "c"});
  CHECK(CommitsBetween("b", "e", 2, graph.Look())->size() == 2);
  CHECK(CommitsBetween("e", "b", 10, graph.Look())->empty());
}

TEST_CASE("where the history is cut, only what is certain counts") {
  Graph graph;
  graph.Add("c", {}, true);
  graph.Add("d", {"c"});
  graph.Add("e", {"c"});
  CHECK(Base(graph, "d", "e") == "c");
  CHECK(Base(graph, "c", "e") == "c");
  graph.Add("f", {}, true);
  CHECK(Base(graph, "f", "e") == "none");
  // f's way may lead to something nearer than c.
  graph.Add("g", {"f", "d"});
  CHECK(Base(graph, "g", "e") == "none");
}

TEST_CASE("a commit that cannot be read is an error") {
  Graph graph;
  graph.Add("b", {"a"});
  CHECK(Base(graph, "b", "b") == "missing a");
}
