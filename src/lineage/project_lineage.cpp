#include "lineage/project_lineage.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/text.h"
#include "lineage/analyze.h"
#include "lineage/flow.h"
#include "lineage/names.h"
#include "lineage/see_through.h"

namespace layergate::lineage {

namespace {

constexpr std::string_view kEphemeralPrefix = "__dbt__cte__";

bool HasSql(const dbt::Node& node) {
  return node.resource_type == "model" || node.resource_type == "snapshot" ||
         node.resource_type == "analysis" || node.resource_type == "test" ||
         node.resource_type == "sql_operation" || node.resource_type == "operation";
}

// A statement whose list of columns is known to be whole.
bool ShapeIsKnown(const StatementLineage& statement) {
  if (statement.columns.empty()) return false;
  return std::none_of(statement.columns.begin(), statement.columns.end(),
                      [](const OutputColumn& c) { return c.name == "*" || c.name.empty(); });
}

// The statement that gives the rows of a model: the last one that has columns.
const StatementLineage* MainStatement(const std::vector<StatementLineage>& statements) {
  for (auto it = statements.rbegin(); it != statements.rend(); ++it) {
    if (!it->columns.empty()) return &*it;
  }
  return statements.empty() ? nullptr : &statements.back();
}

// What dbt adds to the columns of a snapshot's query.
std::vector<std::string> SnapshotColumns(const dbt::Node& node) {
  std::vector<std::string> names = {"dbt_scd_id", "dbt_updated_at", "dbt_valid_from",
                                    "dbt_valid_to"};
  if (node.Config("hard_deletes").AsString() == "new_record") names.emplace_back("dbt_is_deleted");
  for (std::string& name : names) {
    const std::string_view other = node.Config("snapshot_meta_column_names")[name].AsString();
    if (!other.empty()) name = other;
  }
  return names;
}

void SortEdges(std::vector<Edge>& edges) {
  const auto key = [](const Edge& e) {
    return std::tie(e.relation, e.column, e.field, e.subtype, e.masking);
  };
  std::stable_sort(edges.begin(), edges.end(),
                   [&](const Edge& a, const Edge& b) { return key(a) < key(b); });
  const auto same = [](const Edge& a, const Edge& b) {
    return std::tie(a.relation, a.column, a.field, a.subtype) ==
           std::tie(b.relation, b.column, b.field, b.subtype);
  };
  edges.erase(std::unique(edges.begin(), edges.end(), same), edges.end());
}

std::string JoinedKey(const RelationName& name) { return ToLower(Join(name.parts, ".")); }

}  // namespace

struct ProjectLineage::State {
  const dbt::Project& project;
  const dbt::Catalog* catalog;
  sql::Dialect dialect;
  SqlSource sql;

  struct Slot {
    bool begun = false, done = false;
    ModelLineage lineage;
    bool has_schema = false;
    RelationSchema schema;
  };
  // One lock for all work: analysing is short, and parents are needed before their children.
  std::recursive_mutex mutex;
  std::unordered_map<std::string, std::unique_ptr<Slot>> slots;

  State(const dbt::Project& p, const dbt::Catalog* c, sql::Dialect d, SqlSource s)
      : project(p), catalog(c), dialect(d), sql(std::move(s)) {}

  Slot& Get(const std::string& id);
  void Fill(const std::string& id, Slot& slot);
  void FillParentsFirst(const std::string& id);
  std::optional<std::string> SqlOf(const dbt::Node& node) const;
  std::optional<std::string> SqlThrough(const dbt::Node& node, const std::set<std::string>& models,
                                        int depth) const;
  void AnalyzeModel(const dbt::Node& node, ModelLineage& model);
  void AnalyzeText(const dbt::Node& node, ModelLineage& model);
  void GiveStoredNames(std::vector<OutputColumn>& columns) const;
  void MakeSchema(const dbt::Node& node, Slot& slot);
  void SchemaFromDeclarations(const dbt::Node& node, Slot& slot);
  std::string TypeOf(const dbt::Node& node, const dbt::CatalogTable* table,
                     std::string_view column) const;
  const dbt::Node* NodeOf(const dbt::Node& reader, const RelationName& name) const;
  std::vector<const dbt::Node*> ReadersOf(const std::string& id);
};

ProjectLineage::State::Slot& ProjectLineage::State::Get(const std::string& id) {
  const auto found = slots.find(id);
  if (found != slots.end() && found->second->begun) return *found->second;
  FillParentsFirst(id);
  return *slots.at(id);
}

// Depth first over depends_on with a list of our own: projects are deep, stacks are not.
void ProjectLineage::State::FillParentsFirst(const std::string& id) {
  struct Visit {
    std::string id;
    size_t next = 0;
  };
  std::vector<Visit> stack = {{id, 0}};
  std::set<std::string> on_stack = {id};
  while (!stack.empty()) {
    Visit& top = stack.back();
    const std::vector<std::string>& parents = project.Parents(top.id);
    if (top.next < parents.size()) {
      const std::string& parent = parents[top.next++];
      const auto known = slots.find(parent);
      if (known != slots.end() && known->second->begun) continue;
      if (on_stack.insert(parent).second) stack.push_back({parent, 0});
      continue;
    }
    std::unique_ptr<Slot>& slot = slots[top.id];
    if (!slot) slot = std::make_unique<Slot>();
    const std::string done = top.id;
    if (!slot->begun) Fill(done, *slot);
    on_stack.erase(done);
    stack.pop_back();
  }
}

void ProjectLineage::State::Fill(const std::string& id, Slot& slot) {
  slot.begun = true;
  slot.lineage.unique_id = id;
  const dbt::Node* node = project.Find(id);
  if (node == nullptr) {
    slot.lineage.unavailable = "not in the manifest";
  } else if (!HasSql(*node)) {
    slot.lineage.unavailable = "a " + node->resource_type + " has no SQL";
    SchemaFromDeclarations(*node, slot);
  } else {
    AnalyzeModel(*node, slot.lineage);
    MakeSchema(*node, slot);
  }
  slot.done = true;
}

// Which node a relation of the SQL stands for.
const dbt::Node* ProjectLineage::State::NodeOf(const dbt::Node& reader,
                                               const RelationName& name) const {
  if (name.parts.empty()) return nullptr;
  const std::string last = ToLower(name.parts.back());
  if (name.parts.size() == 1 && last.compare(0, kEphemeralPrefix.size(), kEphemeralPrefix) == 0) {
    for (const std::string& id : reader.depends_on_nodes) {
      const dbt::Node* parent = project.Find(id);
      if (parent != nullptr && ToLower(parent->name) == last.substr(kEphemeralPrefix.size())) {
        return parent;
      }
    }
  }
  std::string quoted;
  for (const std::string& part : name.parts) {
    if (!quoted.empty()) quoted += '.';
    quoted += '"' + part + '"';
  }
  const dbt::Node* found = project.FindRelation(quoted);
  if (found == nullptr) return nullptr;
  // Two nodes may stand for one table: a package's tests load its sources as seeds. The one that
  // the model declares is meant.
  const std::vector<std::string>& declared = reader.depends_on_nodes;
  if (std::find(declared.begin(), declared.end(), found->unique_id) != declared.end()) {
    return found;
  }
  for (const std::string& id : declared) {
    const dbt::Node* parent = project.Find(id);
    if (parent != nullptr && EqualsIgnoreCase(parent->relation_name, found->relation_name)) {
      return parent;
    }
  }
  return found;
}

std::optional<std::string> ProjectLineage::State::SqlOf(const dbt::Node& node) const {
  std::optional<std::string> text = node.compiled_code;
  if ((!text || Trim(*text).empty()) && sql) text = sql(node);
  return text && !Trim(*text).empty() ? text : std::nullopt;
}

std::optional<std::string> ProjectLineage::State::SqlThrough(const dbt::Node& node,
                                                             const std::set<std::string>& models,
                                                             int depth) const {
  constexpr int kMostDepth = 20;
  constexpr size_t kMostBytes = size_t{4} << 20;
  const std::optional<std::string> text = SqlOf(node);
  if (!text || text->size() > kMostBytes || depth > kMostDepth) return std::nullopt;
  return SeeThrough(*text, dialect, [&](const RelationName& name) -> std::optional<std::string> {
    const dbt::Node* target = NodeOf(node, name);
    if (target == nullptr || !target->is_model() || target->language == "python" ||
        models.count(target->unique_id) == 0 || target->unique_id == node.unique_id) {
      return std::nullopt;
    }
    std::optional<std::string> through = SqlThrough(*target, models, depth + 1);
    return through ? through : SqlOf(*target);
  });
}

void ProjectLineage::State::AnalyzeModel(const dbt::Node& node, ModelLineage& model) {
  if (node.language == "python") {
    model.unavailable = "a Python model";
    return;
  }
  std::optional<std::string> text = SqlOf(node);
  if (!text) {
    model.unavailable = "no compiled SQL";
    return;
  }
  model.sql = *std::move(text);
  AnalyzeText(node, model);
}

void ProjectLineage::State::AnalyzeText(const dbt::Node& node, ModelLineage& model) {
  std::map<std::string, std::string> node_of;  // relation, lower case -> unique_id
  bool reads_itself = false;
  RelationSchema own;
  bool own_known = false;
  const SchemaLookup lookup = [&](const RelationName& name) -> const RelationSchema* {
    const dbt::Node* target = NodeOf(node, name);
    if (target == nullptr) return nullptr;
    node_of[JoinedKey(name)] = target->unique_id;
    if (target->unique_id == node.unique_id) {
      reads_itself = true;
      return own_known ? &own : nullptr;
    }
    const Slot& other = Get(target->unique_id);
    if (other.done && other.has_schema) return &other.schema;
    // Another node of the same table may have its columns.
    const dbt::Node* twin = project.FindRelation(target->relation_name);
    if (twin == nullptr || twin == target) return nullptr;
    const Slot& known = Get(twin->unique_id);
    return known.done && known.has_schema ? &known.schema : nullptr;
  };
  std::vector<StatementLineage> statements = Analyze(model.sql, dialect, lookup);
  const StatementLineage* main = MainStatement(statements);
  // {{ this }}: a second look, now that the columns of the model itself are known.
  if (reads_itself && main != nullptr && !main->columns.empty()) {
    for (const OutputColumn& column : main->columns) {
      if (column.name != "*") own.columns.push_back({column.name, {}});
    }
    own.complete = ShapeIsKnown(*main);
    own_known = true;
    statements = Analyze(model.sql, dialect, lookup);
    main = MainStatement(statements);
  }
  if (main == nullptr) {
    model.unavailable = "the compiled SQL holds no statement";
    return;
  }
  model.statement = *main;
  GiveStoredNames(model.statement.columns);
  const auto rename = [&](std::string& relation) {
    const auto found = node_of.find(ToLower(relation));
    if (found != node_of.end()) relation = found->second;
  };
  for (OutputColumn& column : model.statement.columns) {
    for (Edge& edge : column.direct) rename(edge.relation);
    for (Edge& edge : column.indirect) rename(edge.relation);
    SortEdges(column.direct);
    SortEdges(column.indirect);
  }
  for (Edge& edge : model.statement.dataset) rename(edge.relation);
  for (RowSetFact& fact : model.statement.row_set) rename(fact.relation);
  SortEdges(model.statement.dataset);
  std::vector<std::string>& relations = model.statement.relations;
  for (std::string& relation : relations) rename(relation);
  std::sort(relations.begin(), relations.end());
  relations.erase(std::unique(relations.begin(), relations.end()), relations.end());
}

// A model is a relation: where the engine numbers names that occur twice, its columns bear those.
void ProjectLineage::State::GiveStoredNames(std::vector<OutputColumn>& columns) const {
  const NameRules& rules = RulesOf(dialect);
  if (!rules.stored_names_are_unlike) return;
  std::vector<std::string> names;
  for (const OutputColumn& column : columns) names.push_back(column.name);
  if (!MakeUnlike(rules, names)) return;
  for (size_t i = 0; i < names.size(); ++i) columns[i].name = std::move(names[i]);
}

std::string ProjectLineage::State::TypeOf(const dbt::Node& node, const dbt::CatalogTable* table,
                                          std::string_view column) const {
  if (table != nullptr) {
    for (const dbt::CatalogColumn& c : table->columns) {
      if (EqualsIgnoreCase(c.name, column)) return c.type;
    }
  }
  const dbt::Column* declared = node.FindColumn(column);
  return declared == nullptr ? std::string() : declared->data_type;
}

void ProjectLineage::State::MakeSchema(const dbt::Node& node, Slot& slot) {
  const StatementLineage& statement = slot.lineage.statement;
  if (!slot.lineage.unavailable.empty() || !ShapeIsKnown(statement)) {
    SchemaFromDeclarations(node, slot);
    return;
  }
  const dbt::CatalogTable* table = catalog == nullptr ? nullptr : catalog->Find(node.unique_id);
  for (const OutputColumn& column : statement.columns) {
    slot.schema.columns.push_back({column.name, TypeOf(node, table, column.name)});
  }
  if (node.resource_type == "snapshot") {
    for (std::string& name : SnapshotColumns(node)) {
      slot.schema.columns.push_back({std::move(name), {}});
    }
  }
  slot.has_schema = true;
}

void ProjectLineage::State::SchemaFromDeclarations(const dbt::Node& node, Slot& slot) {
  const dbt::CatalogTable* table = catalog == nullptr ? nullptr : catalog->Find(node.unique_id);
  if (table != nullptr && !table->columns.empty()) {
    for (const dbt::CatalogColumn& column : table->columns) {
      slot.schema.columns.push_back({column.name, column.type});
    }
    slot.has_schema = true;
    return;
  }
  if (node.columns.empty()) return;
  for (const dbt::Column& column : node.columns) {
    slot.schema.columns.push_back({column.name, column.data_type});
  }
  slot.schema.complete = node.contract.enforced;
  slot.has_schema = true;
}

// The nodes whose SQL may read `id`: its children, and past ephemeral children theirs, since those
// are inlined into the SQL of what reads them.
std::vector<const dbt::Node*> ProjectLineage::State::ReadersOf(const std::string& id) {
  std::vector<const dbt::Node*> readers;
  std::set<std::string> seen;
  std::deque<std::string> open = {id};
  while (!open.empty()) {
    const std::string next = open.front();
    open.pop_front();
    for (const std::string& child : project.Children(next)) {
      if (!seen.insert(child).second) continue;
      const dbt::Node* node = project.Find(child);
      if (node == nullptr ||
          (node->resource_type != "model" && node->resource_type != "snapshot")) {
        continue;
      }
      readers.push_back(node);
      if (node->materialized == "ephemeral") open.push_back(child);
    }
  }
  return readers;
}

ProjectLineage::ProjectLineage(const dbt::Project& project, const dbt::Catalog* catalog,
                               sql::Dialect dialect, SqlSource sql)
    : state_(std::make_unique<State>(project, catalog, dialect, std::move(sql))) {}
ProjectLineage::~ProjectLineage() = default;

const dbt::Project& ProjectLineage::project() const { return state_->project; }
sql::Dialect ProjectLineage::dialect() const { return state_->dialect; }

const ModelLineage& ProjectLineage::Model(std::string_view unique_id) const {
  const std::lock_guard lock(state_->mutex);
  return state_->Get(std::string(unique_id)).lineage;
}

std::optional<ModelLineage> ProjectLineage::ModelThrough(
    std::string_view unique_id, const std::set<std::string>& models) const {
  const std::lock_guard lock(state_->mutex);
  const dbt::Node* node = state_->project.Find(unique_id);
  if (node == nullptr || node->language == "python") return std::nullopt;
  std::optional<std::string> text = state_->SqlThrough(*node, models, 0);
  if (!text) return std::nullopt;
  ModelLineage model;
  model.unique_id = node->unique_id;
  model.sql = *std::move(text);
  state_->AnalyzeText(*node, model);
  return model.unavailable.empty() ? std::optional(std::move(model)) : std::nullopt;
}

std::optional<std::vector<std::string>> ProjectLineage::Columns(std::string_view unique_id) const {
  const std::lock_guard lock(state_->mutex);
  const State::Slot& slot = state_->Get(std::string(unique_id));
  if (!slot.has_schema || !slot.schema.complete) return std::nullopt;
  std::vector<std::string> names;
  for (const SchemaColumn& column : slot.schema.columns) names.push_back(column.name);
  return names;
}

namespace {

// One way that a value has taken so far; paths are chains of indexes towards the asked column.
struct Step {
  ColumnId column;
  Subtype how = Subtype::kIdentity;        // from this column to the one of `next`
  Subtype strongest = Subtype::kIdentity;  // over the whole way
  bool masked = false, certain = true;
  size_t next = 0;  // index of the step nearer to the asked column
};

ProjectLineage::Origin MakeOrigin(const std::vector<Step>& steps, size_t at) {
  ProjectLineage::Origin origin;
  origin.masked = steps[at].masked;
  origin.certain = steps[at].certain;
  for (size_t i = at;; i = steps[i].next) {
    origin.path.push_back(steps[i].column);
    if (i == 0) break;
    origin.how.push_back(steps[i].how);
  }
  return origin;
}

}  // namespace

std::vector<ProjectLineage::Origin> ProjectLineage::Origins(const ColumnId& column) const {
  using Seen = std::tuple<std::string, std::string, Subtype, bool, bool>;
  std::vector<Step> steps = {{column, Subtype::kIdentity, Subtype::kIdentity, false, true, 0}};
  std::set<Seen> seen;
  for (size_t at = 0; at < steps.size(); ++at) {
    const ModelLineage& model = Model(steps[at].column.node);
    if (!model.unavailable.empty()) continue;
    for (const OutputColumn& output : model.statement.columns) {
      const bool star = output.name == "*";
      if (!star && !EqualsIgnoreCase(output.name, steps[at].column.column)) continue;
      for (const Edge& edge : output.direct) {
        const Step& from = steps[at];
        Step step;
        // A star over an unknown relation may carry the column under its own name.
        step.column = {edge.relation,
                       star && edge.column == "*" ? from.column.column : edge.column};
        step.how = edge.subtype;
        step.strongest = Compose(edge.subtype, from.strongest);
        step.masked = from.masked || edge.masking;
        step.certain = from.certain && output.status == Status::kExact && !star;
        step.next = at;
        if (!seen.emplace(ToLower(step.column.node), ToLower(step.column.column), step.strongest,
                          step.masked, step.certain)
                 .second) {
          continue;
        }
        steps.push_back(std::move(step));
      }
    }
  }
  // Of two ways that differ in certainty only, the certain one speaks.
  std::vector<Origin> origins;
  for (size_t at = 1; at < steps.size(); ++at) {
    const Step& step = steps[at];
    const bool doubled =
        !step.certain && seen.count({ToLower(step.column.node), ToLower(step.column.column),
                                     step.strongest, step.masked, true}) > 0;
    if (!doubled) origins.push_back(MakeOrigin(steps, at));
  }
  return origins;
}

namespace {

enum class Reads { kNo, kDirect, kIndirect };

struct ReadAnswer {
  Reads reads = Reads::kNo;
  bool certain = true;
};

ReadAnswer ReadsColumn(const std::vector<Edge>& edges, const ColumnId& column) {
  ReadAnswer answer;
  for (const Edge& edge : edges) {
    if (edge.relation != column.node) continue;
    const bool star = edge.column == "*";
    if (!star && !EqualsIgnoreCase(edge.column, column.column)) continue;
    const Reads how = IsDirect(edge.subtype) ? Reads::kDirect : Reads::kIndirect;
    if (answer.reads == Reads::kNo || how == Reads::kDirect) {
      answer = {how, answer.reads == how ? answer.certain || !star : !star};
    }
  }
  return answer;
}

}  // namespace

std::vector<ProjectLineage::Reader> ProjectLineage::Readers(const ColumnId& column) const {
  std::vector<Reader> readers;
  std::set<std::tuple<std::string, std::string, bool>> seen;
  struct Open {
    ColumnId column;  // column empty: the row set
    bool direct, certain;
    int distance;
  };
  std::deque<Open> open = {{column, true, true, 0}};
  const auto add = [&](ColumnId id, bool direct, bool certain, int distance) {
    if (!seen.emplace(id.node, ToLower(id.column), direct).second) return;
    readers.push_back({id, direct, distance, certain});
    open.push_back({std::move(id), direct, certain, distance});
  };
  while (!open.empty()) {
    const Open from = open.front();
    open.pop_front();
    std::vector<const dbt::Node*> nodes;
    {
      const std::lock_guard lock(state_->mutex);
      nodes = state_->ReadersOf(from.column.node);
    }
    for (const dbt::Node* node : nodes) {
      const ModelLineage& model = Model(node->unique_id);
      const int distance = from.distance + 1;
      if (!model.unavailable.empty()) {
        add({node->unique_id, ""}, false, false, distance);
        continue;
      }
      const std::vector<std::string>& relations = model.statement.relations;
      const bool reads_node =
          std::find(relations.begin(), relations.end(), from.column.node) != relations.end();
      if (from.column.column.empty()) {  // rows in, rows out
        if (reads_node) add({node->unique_id, ""}, false, from.certain, distance);
        continue;
      }
      for (const OutputColumn& output : model.statement.columns) {
        const bool exact = output.status == Status::kExact;
        const ReadAnswer direct = ReadsColumn(output.direct, from.column);
        if (direct.reads != Reads::kNo) {
          add({node->unique_id, output.name}, from.direct, from.certain && direct.certain && exact,
              distance);
        }
        const ReadAnswer indirect = ReadsColumn(output.indirect, from.column);
        if (indirect.reads != Reads::kNo) {
          add({node->unique_id, output.name}, false, from.certain && indirect.certain && exact,
              distance);
        }
      }
      const ReadAnswer rows = ReadsColumn(model.statement.dataset, from.column);
      if (rows.reads != Reads::kNo) {
        add({node->unique_id, ""}, false,
            from.certain && rows.certain && model.statement.row_set_status == Status::kExact,
            distance);
      } else if (reads_node && model.statement.status == Status::kUnknown) {
        // Something unread may read it: said, and marked as not certain.
        add({node->unique_id, ""}, false, false, distance);
      }
    }
  }
  return readers;
}

}  // namespace layergate::lineage
