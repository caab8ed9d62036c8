#include "dbt/profile.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "core/file.h"
#include "support/catch.h"

namespace layergate::dbt {
namespace {

namespace fs = std::filesystem;

// A folder that goes away with the test.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/layergate-profile-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string path() const { return path_; }
  std::string Write(const std::string& name, const std::string& text) const {
    REQUIRE(WriteFileAtomically(path_ + "/" + name, text));
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

constexpr const char* kProfiles = R"(config:
  send_anonymous_usage_stats: false
shop:
  target: "{{ env_var('LG_TARGET', 'dev') }}"
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('LG_HOST') }}"
      port: "{{ env_var('LG_PORT') | as_number }}"
      user: "u-{{ env_var('LG_HOST') }}-{{ env_var('LG_NONE', 'x') }}"
      password: "{{ env_var('DBT_ENV_SECRET_PW') }}"
      keepalives: "{{ env_var('LG_NONE', 'true') | as_bool }}"
      threads: 4
    literal:
      type: postgres
      password: "a{b}}{{c"
      nested: {client_secret: [s3cret]}
    broken:
      type: postgres
      host: "{{ env_var('LG_MISSING') }}"
    odd:
      type: postgres
      host: "{{ var('x') }}"
    typeless: {host: x}
)";

Result<Profile> Load(const Folder& folder, const std::string& target,
                     const std::string& root = "") {
  ProfileRequest request;
  request.profiles_dir = folder.path();
  request.profile_name = "shop";
  request.target = target;
  request.repository_root = root;
  return LoadProfile(request);
}

bool Has(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

TEST_CASE("the chosen output is rendered, with types, and secrets are marked") {
  Folder folder;
  folder.Write("profiles.yml", kProfiles);
  setenv("LG_HOST", "db", 1);
  setenv("LG_PORT", "5433", 1);
  setenv("DBT_ENV_SECRET_PW", "hunter2", 1);
  unsetenv("LG_MISSING");
  unsetenv("DBT_TARGET");
  auto profile = Load(folder, "");
  if (!profile) FAIL(profile.error().message);
  CHECK(profile->target == "dev");
  CHECK(profile->type == "postgres");
  CHECK(profile->settings["host"].AsString() == "db");
  CHECK(profile->settings["port"] == Value(5433));
  CHECK(profile->settings["user"].AsString() == "u-db-x");
  CHECK(profile->settings["keepalives"] == Value(true));
  CHECK(profile->settings["threads"] == Value(4));
  CHECK(profile->settings["password"].AsString() == "hunter2");
  CHECK(Has(profile->secrets, "hunter2"));
  CHECK(!Has(profile->secrets, "db"));
}

TEST_CASE("passwords with braces are taken as they are; nested secrets are marked") {
  Folder folder;
  folder.Write("profiles.yml", kProfiles);
  auto profile = Load(folder, "literal");
  if (!profile) FAIL(profile.error().message);
  CHECK(profile->settings["password"].AsString() == "a{b}}{{c");
  CHECK(Has(profile->secrets, "a{b}}{{c"));
  CHECK(Has(profile->secrets, "s3cret"));
}

TEST_CASE("merged maps and Jinja's own filters, as profiles in the wild have them") {
  Folder folder;
  folder.Write("profiles.yml", R"(x-common: &common
  type: postgres
  user: ci
  port: "{{ env_var('LG_NONE', ' 5432 ') | trim | int }}"
shop:
  outputs:
    prod: &prod
      <<: *common
      host: "{{ env_var('LG_NONE', 'DB.Example') | lower }}"
      schema: prod
    pr:
      schema: pr_7
      <<: [*prod, {port: 1, threads: 2}]
)");
  auto load = [&](const char* target) {
    Result<Profile> profile = LoadProfile({folder.path(), "shop", target, ""});
    REQUIRE(profile);
    return *profile;
  };
  Profile prod = load("prod"), pr = load("pr");
  CHECK(prod.settings["port"].AsInt() == 5432);
  CHECK(prod.settings["host"].AsString() == "db.example");
  CHECK(pr.settings["schema"].AsString() == "pr_7");
  CHECK(pr.settings["user"].AsString() == "ci");
  CHECK(pr.settings["port"].AsInt() == 5432);
  CHECK(pr.settings["threads"].AsInt() == 2);
}

TEST_CASE("what is wrong is named, with its place and a remedy") {
  Folder folder;
  folder.Write("profiles.yml", kProfiles);
  auto broken = Load(folder, "broken");
  REQUIRE(!broken);
  INFO(broken.error().message);
  CHECK(broken.error().message.find("profiles.yml:20:13: host") != std::string::npos);
  CHECK(broken.error().message.find("LG_MISSING is not set") != std::string::npos);
  auto odd = Load(folder, "odd");
  REQUIRE(!odd);
  CHECK(odd.error().message.find("var('x')") != std::string::npos);
  auto typeless = Load(folder, "typeless");
  REQUIRE(!typeless);
  CHECK(typeless.error().message.find("has no type") != std::string::npos);
  auto misspelt = Load(folder, "devv");
  REQUIRE(!misspelt);
  CHECK(misspelt.error().remedy == "Did you mean \"dev\"?");
  setenv("LG_PORT", "not a number", 1);
  auto port = Load(folder, "dev");
  REQUIRE(!port);
  CHECK(port.error().message.find("is not a number") != std::string::npos);
  CHECK(port.error().message.find("not a number\"") == std::string::npos);
}

TEST_CASE("a file inside the repository is refused, by its path and by what it leads to") {
  Folder repository, outside;
  repository.Write("ci/profiles.yml", kProfiles);
  outside.Write("real/profiles.yml", kProfiles);
  ProfileRequest request;
  request.profile_name = "shop";
  request.target = "literal";
  request.repository_root = repository.path();
  auto refused = [&](const std::string& folder) {
    request.profiles_dir = folder;
    auto profile = LoadProfile(request);
    return !profile && profile.error().message.find("inside the repository") != std::string::npos;
  };
  CHECK(refused(repository.path() + "/ci"));
  CHECK(refused(outside.path() + "/../" + fs::path(repository.path()).filename().string() + "/ci"));
  fs::create_directory_symlink(repository.path() + "/ci", outside.path() + "/to_inside");
  CHECK(refused(outside.path() + "/to_inside"));
  fs::create_directory_symlink(outside.path() + "/real", repository.path() + "/to_outside");
  CHECK(refused(repository.path() + "/to_outside"));
  CHECK(!refused(outside.path() + "/real"));
  // A folder whose name only begins like the repository's is another folder.
  fs::create_directories(repository.path() + "-other");
  REQUIRE(WriteFileAtomically(repository.path() + "-other/profiles.yml", kProfiles));
  CHECK(!refused(repository.path() + "-other"));
  fs::remove_all(repository.path() + "-other");
}

}  // namespace
}  // namespace layergate::dbt
