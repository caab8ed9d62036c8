#include "dbt/profile.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "core/file.h"
#include "core/text.h"
#include "core/yaml.h"

namespace layergate::dbt {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxProfileBytes = size_t{1} << 20;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// ---- where the file is --------------------------------------------------------------------------

bool IsInside(const fs::path& path, const fs::path& folder) {
  auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end() || (std::next(end) == folder.end() && end->empty());
}

// Both the path as it is written and the file that it leads to must lie outside: a link inside the
// repository belongs to the pull request wherever it points.
Result<void> RefuseInsideRepository(const std::string& path, const std::string& root) {
  if (root.empty()) return {};
  std::error_code error;
  fs::path real_root = fs::canonical(root, error);
  if (error) {
    return MakeError(
        fmt::format("{}: cannot tell where the repository is: {}", root, error.message()));
  }
  fs::path real_path = fs::canonical(path, error);
  if (error) return MakeError(fmt::format("{}: cannot read: {}", path, error.message()));
  fs::path written = fs::absolute(path, error).lexically_normal();
  fs::path real_folder = fs::canonical(written.parent_path(), error);
  fs::path written_root = fs::absolute(root).lexically_normal();
  if (IsInside(real_path, real_root) || IsInside(real_folder, real_root) ||
      IsInside(written, written_root)) {
    return MakeError(
        fmt::format("{}: this profiles.yml lies inside the repository, where a pull request can "
                    "change it",
                    path),
        "Keep connection settings outside the repository: give --profiles-dir or "
        "DBT_PROFILES_DIR a folder that the pull request cannot write.");
  }
  return {};
}

Result<std::string> FindProfilesFile(const ProfileRequest& request) {
  std::string folder = request.profiles_dir;
  if (folder.empty()) folder = FromEnvironment("DBT_PROFILES_DIR");
  if (!folder.empty()) {
    std::string path = (fs::path(folder) / "profiles.yml").string();
    if (FileExists(path)) return path;
    return MakeError(fmt::format("{}: no such file", path),
                     "Check --profiles-dir and DBT_PROFILES_DIR.");
  }
  if (FileExists("profiles.yml")) return std::string("profiles.yml");
  std::string home = FromEnvironment("HOME");
  if (!home.empty()) {
    std::string path = home + "/.dbt/profiles.yml";
    if (FileExists(path)) return path;
  }
  return MakeError("no profiles.yml in the working directory or in ~/.dbt",
                   "Give --profiles-dir, or set DBT_PROFILES_DIR.");
}

// ---- {{ env_var('NAME', 'default') | as_number }}
// ------------------------------------------------

// Reads one expression; knows env_var, literals and the three as_ filters.
class Expression {
 public:
  Expression(std::string_view text, std::vector<std::string>& secrets)
      : text_(text), secrets_(secrets) {}

  Result<Value> Evaluate() {
    LAYERGATE_TRY(Value value, Primary());
    while (Take('|')) {
      std::string filter = Word();
      LAYERGATE_TRY(value, Filter(filter, std::move(value)));
    }
    Skip();
    if (at_ != text_.size()) return NotUnderstood();
    return value;
  }

 private:
  Error NotUnderstood() const {
    return MakeError(
        fmt::format("cannot render \"{{{{{}}}}}\"", Printable(text_)),
        "Only env_var('NAME'), env_var('NAME', 'default') and the filters as_number, as_bool, "
        "as_text, as_native, int, float, string, trim, lower and upper are rendered here.");
  }
  void Skip() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool Take(char c) {
    Skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string Word() {
    Skip();
    size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) ||
                                  text_[at_] == '_' || text_[at_] == '.' || text_[at_] == '-')) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<Value> Literal() {
    Skip();
    if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
      char quote = text_[at_++];
      std::string body;
      while (at_ < text_.size() && text_[at_] != quote) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        body += text_[at_++];
      }
      if (at_ >= text_.size()) return NotUnderstood();
      ++at_;
      return Value(std::move(body));
    }
    std::string word = Word();
    if (word == "none" || word == "None") return Value();
    if (std::optional<Value> value = Native(word)) return *value;
    return NotUnderstood();
  }

  // The number or truth value that a text is, if it is one.
  static std::optional<Value> Native(std::string_view text) {
    text = Trim(text);
    if (text == "true" || text == "True") return Value(true);
    if (text == "false" || text == "False") return Value(false);
    long long whole = 0;
    const char* end = text.data() + text.size();
    if (auto read = std::from_chars(text.data(), end, whole);
        read.ec == std::errc{} && read.ptr == end && !text.empty()) {
      return Value(whole);
    }
    double real = 0;
    if (auto read = std::from_chars(text.data(), end, real);
        read.ec == std::errc{} && read.ptr == end && !text.empty()) {
      return Value(real);
    }
    return std::nullopt;
  }

  Result<Value> Primary() {
    Skip();
    size_t begin = at_;
    std::string word = Word();
    if (word != "env_var") {
      at_ = begin;
      return Literal();
    }
    if (!Take('(')) return NotUnderstood();
    LAYERGATE_TRY(Value name, Literal());
    std::optional<Value> otherwise;
    if (Take(',')) {
      size_t here = at_;
      if (Word() == "default" && Take('=')) {
        // env_var('NAME', default='x')
      } else {
        at_ = here;
      }
      LAYERGATE_TRY(otherwise, Literal());
    }
    if (!Take(')') || !name.is_string()) return NotUnderstood();
    return Variable(std::string(name.AsString()), otherwise);
  }

  Result<Value> Variable(const std::string& name, const std::optional<Value>& otherwise) {
    bool secret = name.starts_with("DBT_ENV_SECRET_") || name.starts_with("DBT_ENV_PRIVATE_");
    const char* found = std::getenv(name.c_str());
    if (!found) {
      if (otherwise) return *otherwise;
      return MakeError(fmt::format("the environment variable {} is not set", Printable(name)),
                       fmt::format("Set {}, or give env_var a default.", Printable(name)));
    }
    std::string value = found;
    if (secret && !value.empty()) secrets_.push_back(value);
    return Value(std::move(value));
  }

  Result<Value> Filter(const std::string& filter, Value value) {
    if (filter == "as_text" || filter == "string") return value;
    // Jinja's own, which profiles in the wild use too.
    if (filter == "int" || filter == "float") return Filter("as_number", std::move(value));
    if (value.is_string() && filter == "trim") return Value(std::string(Trim(value.AsString())));
    if (value.is_string() && filter == "lower") return Value(ToLower(value.AsString()));
    if (value.is_string() && filter == "upper") return Value(ToUpper(value.AsString()));
    if (filter != "as_number" && filter != "as_bool" && filter != "as_native") {
      return NotUnderstood();
    }
    if (!value.is_string()) return value;
    std::optional<Value> native = Native(value.AsString());
    bool fits = filter == "as_native" ||
                (native && (filter == "as_bool" ? native->is_bool() : native->is_number()));
    if (!fits) {
      // The value itself may be a secret.
      return MakeError(fmt::format("the value of \"{{{{{}}}}}\" is not {}", Printable(text_),
                                   filter == "as_bool" ? "true or false" : "a number"));
    }
    return native ? *native : value;
  }

  std::string_view text_;
  std::vector<std::string>& secrets_;
  size_t at_ = 0;
};

// A text with any number of expressions in it.
Result<Value> RenderText(std::string_view text, std::vector<std::string>& secrets) {
  if (text.find("{%") != std::string_view::npos) {
    return MakeError("Jinja statements ({% %}) are not rendered here", "Use env_var alone.");
  }
  std::string out;
  size_t at = 0;
  while (true) {
    size_t open = text.find("{{", at);
    if (open == std::string_view::npos) {
      out += text.substr(at);
      return Value(std::move(out));
    }
    size_t close = text.find("}}", open);
    if (close == std::string_view::npos) {
      return MakeError("\"{{\" is never closed", "Close it with \"}}\", or quote the text.");
    }
    LAYERGATE_TRY(Value value,
                  Expression(text.substr(open + 2, close - open - 2), secrets).Evaluate());
    if (open == 0 && close + 2 == text.size()) return value;  // alone: keeps its type
    out += text.substr(at, open - at);
    out += value.is_string() ? std::string(value.AsString()) : WriteJson(value);
    at = close + 2;
  }
}

bool IsPasswordKey(std::string_view key) { return key == "password" || key == "pass"; }

bool IsSecretKey(std::string_view key) {
  std::string name = ToLower(key);
  if (IsPasswordKey(name) || name == "pwd" || name == "private_key" || name == "keyfile_json") {
    return true;
  }
  if (name.ends_with("_path") || name.ends_with("_uri") || name.ends_with("_url")) return false;
  for (std::string_view part :
       {"password", "passwd", "passphrase", "secret", "token", "private_key", "credential"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

class Renderer {
 public:
  Renderer(std::string path, std::vector<std::string>& secrets)
      : path_(std::move(path)), secrets_(secrets) {}

  Result<Value> Render(const YamlNode& node, std::string_view key, bool secret) {
    secret = secret || IsSecretKey(key);
    if (node.is_map()) {
      Value object = Value::MakeObject();
      for (size_t i = 0; i < node.keys.size(); ++i) {
        LAYERGATE_TRY(Value value, Render(node.items[i], node.keys[i].scalar, secret));
        object.Set(node.keys[i].scalar, std::move(value));
      }
      return object;
    }
    if (node.is_list()) {
      Value list = Value::MakeArray();
      for (const YamlNode& item : node.items) {
        LAYERGATE_TRY(Value value, Render(item, key, secret));
        list.Append(std::move(value));
      }
      return list;
    }
    Value value = ToValue(node);
    if (value.is_string() && value.AsString().find('{') != std::string_view::npos) {
      LAYERGATE_TRY(value, RenderScalar(node, key, value));
    }
    if (secret) Keep(value);
    return value;
  }

 private:
  Result<Value> RenderScalar(const YamlNode& node, std::string_view key, const Value& value) {
    size_t known = secrets_.size();
    Result<Value> rendered = RenderText(value.AsString(), secrets_);
    if (rendered) return rendered;
    // A password may contain braces of its own; dbt then takes it as it is. A variable that is
    // missing stays an error.
    bool variable = value.AsString().find("env_var") != std::string_view::npos;
    if (IsPasswordKey(key) && !variable) {
      secrets_.resize(known);
      return value;
    }
    return rendered.error().WithContext(
        fmt::format("{}:{}:{}: {}", path_, node.line, node.column, Printable(key)));
  }

  void Keep(const Value& value) {
    std::string text = value.is_string() ? std::string(value.AsString())
                       : value.is_null() ? ""
                                         : WriteJson(value);
    if (!text.empty()) secrets_.push_back(std::move(text));
  }

  std::string path_;
  std::vector<std::string>& secrets_;
};

// `<<: *common` as dbt's own YAML reader takes it: keys of the map itself come first, then those of
// the merged maps in their order.
YamlNode Merged(YamlNode node) {
  for (YamlNode& item : node.items) item = Merged(std::move(item));
  if (!node.is_map()) return node;
  YamlNode out = node;
  out.keys.clear();
  out.items.clear();
  auto add = [&](const YamlNode& map, bool of_its_own) {
    for (size_t i = 0; i < map.keys.size(); ++i) {
      bool merge = map.keys[i].scalar == "<<" && !map.keys[i].was_quoted;
      if (merge || (!of_its_own && out.Find(map.keys[i].scalar))) continue;
      out.keys.push_back(map.keys[i]);
      out.items.push_back(map.items[i]);
    }
  };
  add(node, true);
  for (size_t i = 0; i < node.keys.size(); ++i) {
    if (node.keys[i].scalar != "<<" || node.keys[i].was_quoted) continue;
    if (node.items[i].is_map()) add(node.items[i], false);
    for (const YamlNode& each : node.items[i].items) {
      if (node.items[i].is_list() && each.is_map()) add(each, false);
    }
  }
  return out;
}

std::vector<std::string> KeysOf(const YamlNode& map) {
  std::vector<std::string> keys;
  for (const YamlNode& key : map.keys) keys.push_back(key.scalar);
  return keys;
}

Error Missing(const std::string& path, std::string_view what, const std::string& name,
              const YamlNode& map) {
  std::vector<std::string> keys = KeysOf(map);
  std::string_view near = NearestName(name, keys);
  return MakeError(fmt::format("{}: there is no {} \"{}\"", path, what, Printable(name)),
                   near.empty() ? fmt::format("It has: {}.", Printable(Join(keys, ", ")))
                                : fmt::format("Did you mean \"{}\"?", Printable(near)));
}

Result<std::string> ChooseTarget(const ProfileRequest& request, const YamlNode& profile,
                                 Renderer& renderer) {
  if (!request.target.empty()) return request.target;
  if (std::string target = FromEnvironment("DBT_TARGET"); !target.empty()) return target;
  const YamlNode* written = profile.Find("target");
  if (!written || written->is_null()) return std::string("default");
  LAYERGATE_TRY(Value rendered, renderer.Render(*written, "target", false));
  return rendered.is_string() ? std::string(rendered.AsString()) : WriteJson(rendered);
}

}  // namespace

Result<Profile> LoadProfile(const ProfileRequest& request) {
  LAYERGATE_TRY(std::string path, FindProfilesFile(request));
  if (auto outside = RefuseInsideRepository(path, request.repository_root); !outside) {
    return outside.error();
  }
  LAYERGATE_TRY(std::string text, ReadFile(path, kMaxProfileBytes));
  YamlLimits limits;
  limits.merge_keys = true;
  LAYERGATE_TRY(YamlNode read, ReadYaml(text, path, limits));
  YamlNode file = Merged(std::move(read));
  if (!file.is_map()) {
    return MakeError(fmt::format("{}: this is {}, not a map of profiles", path, Describe(file)));
  }
  Profile profile;
  profile.path = path;
  profile.name =
      request.profile_name.empty() ? FromEnvironment("DBT_PROFILE") : request.profile_name;
  if (profile.name.empty()) {
    return MakeError(fmt::format("{}: which profile?", path),
                     "Name it: `profile:` in dbt_project.yml, --profile, or DBT_PROFILE.");
  }
  const YamlNode* chosen = file.Find(profile.name);
  if (!chosen) return Missing(path, "profile", profile.name, file);
  const YamlNode* outputs = chosen->Find("outputs");
  if (!outputs || !outputs->is_map() || outputs->keys.empty()) {
    return MakeError(fmt::format("{}:{}:{}: profile {} has no outputs", path, chosen->line,
                                 chosen->column, Printable(profile.name)));
  }
  Renderer renderer(path, profile.secrets);
  LAYERGATE_TRY(profile.target, ChooseTarget(request, *chosen, renderer));
  const YamlNode* output = outputs->Find(profile.target);
  if (!output) {
    return Missing(path, fmt::format("target in profile {}", Printable(profile.name)),
                   profile.target, *outputs);
  }
  if (!output->is_map()) {
    return MakeError(fmt::format("{}:{}:{}: target {} is {}, not a map", path, output->line,
                                 output->column, Printable(profile.target), Describe(*output)));
  }
  LAYERGATE_TRY(profile.settings, renderer.Render(*output, {}, false));
  profile.type = profile.settings["type"].AsString();
  if (profile.type.empty()) {
    return MakeError(fmt::format("{}:{}:{}: target {} has no type", path, output->line,
                                 output->column, Printable(profile.target)),
                     "Write `type: postgres`, or whichever adapter it is.");
  }
  std::sort(profile.secrets.begin(), profile.secrets.end());
  profile.secrets.erase(std::unique(profile.secrets.begin(), profile.secrets.end()),
                        profile.secrets.end());
  return profile;
}

}  // namespace layergate::dbt
