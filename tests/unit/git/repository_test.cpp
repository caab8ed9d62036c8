// Reading a repository: what is there, what is not there, and what cannot be known from this clone.
#include "git/repository.h"

#include <unistd.h>

#include "scratch_repository.h"

using layergate::git::FileChange;
using layergate::git::Repository;

namespace {

bool Has(const layergate::Error& error, const std::string& part) {
  INFO(error.ToString());
  return error.ToString().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a file is read at a commit, whatever the work tree says") {
  ScratchRepository scratch;
  std::string first = scratch.Commit("models/a.sql", "select 1\n");
  std::string second = scratch.Commit("models/a.sql", "select 2\n");
  scratch.Write("models/a.sql", "select 3\n");
  Repository repository = scratch.Open("work/models");
  CHECK(repository.root() == std::filesystem::canonical(scratch.root()).string());
  CHECK(**repository.ReadBlob(first, "models/a.sql") == "select 1\n");
  CHECK(**repository.ReadBlob(second, "models/a.sql") == "select 2\n");
  CHECK_FALSE(repository.ReadBlob(first, "models/none.sql")->has_value());
  CHECK_FALSE(repository.ReadBlob(first, "none/a.sql")->has_value());
  CHECK_FALSE(repository.ReadBlob(first, "models/a.sql/below")->has_value());
  CHECK(repository.TreeId(first)->size() == 40);
  CHECK(*repository.TreeId(first) != *repository.TreeId(second));
}

TEST_CASE("what is no regular file is an error, not an absence") {
  ScratchRepository scratch;
  scratch.Write("real.yml", "version: 1\n");
  scratch.Shell("ln -s real.yml .layergate.yml && ln -s models linked");
  std::string commit = scratch.Commit("models/a.sql", "select 1\n");
  scratch.Git("update-index --add --cacheinfo 160000," + commit + ",sub");
  scratch.Git("commit -q -m submodule");
  commit = scratch.Id("HEAD");
  Repository repository = scratch.Open();
  auto link = repository.ReadBlob(commit, ".layergate.yml");
  REQUIRE_FALSE(link);
  CHECK(Has(link.error(), "a symbolic link"));
  CHECK_FALSE(repository.ReadBlob(commit, "linked/a.sql"));
  auto submodule = repository.ReadBlob(commit, "sub/a.sql");
  REQUIRE_FALSE(submodule);
  CHECK(Has(submodule.error(), "a submodule"));
  CHECK_FALSE(repository.ReadBlob(commit, "models"));
  for (const char* path : {"", "/etc/passwd", "../a", "models/../real.yml", "a//b", "./a", "a/"}) {
    INFO(path);
    CHECK_FALSE(repository.ReadBlob(commit, path));
  }
  CHECK_FALSE(repository.ListFiles(commit, "linked"));
}

TEST_CASE("files are listed below a folder, sorted") {
  ScratchRepository scratch;
  scratch.Write("models/b/z.sql", "");
  scratch.Write("models/b.sql", "");
  scratch.Write("models-other/c.sql", "");
  std::string commit = scratch.Commit("models/a.sql", "");
  Repository repository = scratch.Open();
  using Paths = std::vector<std::string>;
  CHECK(*repository.ListFiles(commit, "models") ==
        Paths{"models/a.sql", "models/b.sql", "models/b/z.sql"});
  CHECK(*repository.ListFiles(commit, "models/b/") == Paths{"models/b/z.sql"});
  CHECK(repository.ListFiles(commit, "")->size() == 4);
  CHECK(repository.ListFiles(commit, "none")->empty());
  CHECK_FALSE(repository.ListFiles(commit, "../x"));
}

TEST_CASE("two commits are compared, renames recognised") {
  ScratchRepository scratch;
  scratch.Write("old_name.sql", "select a, b, c, d, e, f\nfrom t\nwhere x > 1\nand y < 2\n");
  scratch.Write("gone.sql", "select 'this is another text altogether'\n");
  std::string base = scratch.Commit("same.sql", "select 1\n");
  scratch.Shell("mv old_name.sql new_name.sql && rm gone.sql && echo '-- more' >> new_name.sql");
  scratch.Write("same.sql", "select 2\n");
  std::string head = scratch.Commit("fresh.sql", "create view v as select now()\n");
  Repository repository = scratch.Open();
  auto changes = repository.Diff(base, head);
  REQUIRE(changes);
  REQUIRE(changes->size() == 4);
  CHECK((*changes)[0].path == "fresh.sql");
  CHECK((*changes)[0].kind == FileChange::Kind::kAdded);
  CHECK((*changes)[1].kind == FileChange::Kind::kDeleted);
  CHECK((*changes)[2].kind == FileChange::Kind::kRenamed);
  CHECK((*changes)[2].old_path == "old_name.sql");
  CHECK((*changes)[2].path == "new_name.sql");
  CHECK((*changes)[3].kind == FileChange::Kind::kModified);
  CHECK(repository.Diff(base, base)->empty());
}

TEST_CASE("paths that are not UTF-8 survive") {
  ScratchRepository scratch;
  std::string base = scratch.Commit("a.sql", "");
  std::string path = "models/caf\xE9.sql";
  std::string head = scratch.Commit(path, "select 1\n");
  Repository repository = scratch.Open();
  CHECK(repository.Diff(base, head)->at(0).path == path);
  CHECK(**repository.ReadBlob(head, path) == "select 1\n");
}

TEST_CASE("names of revisions are looked up, expressions refused") {
  ScratchRepository scratch;
  std::string first = scratch.Commit("a", "1");
  std::string second = scratch.Commit("a", "2");
  scratch.Git("tag -a -m v1 v1.0 " + first);
  scratch.Git("branch feature/x " + first);
  Repository repository = scratch.Open();
  CHECK(repository.Resolve("HEAD")->id == second);
  CHECK(repository.Resolve("HEAD~1")->id == first);
  CHECK(repository.Resolve("main^1")->id == first);
  CHECK(repository.Resolve("main~0^0")->id == second);
  CHECK(repository.Resolve("v1.0")->id == first);
  CHECK(repository.Resolve("feature/x")->id == first);
  CHECK(repository.Resolve("refs/heads/feature/x")->id == first);
  CHECK(repository.Resolve(first)->id == first);
  CHECK(repository.Resolve(first.substr(0, 10))->id == first);
  for (const char* revision : {"",
                               "-x",
                               "--upload-pack=x",
                               "HEAD@{1}",
                               "@{upstream}",
                               "main:a",
                               ":/change",
                               "main..v1.0",
                               "a b",
                               "a\nb",
                               "main^{tree}",
                               "main~x",
                               "main~99999999",
                               "a\\b",
                               "x.lock",
                               "/main",
                               "main/",
                               "HEAD~7",
                               "no-such-branch",
                               "0000000000000000000000000000000000000000",
                               "../../HEAD"}) {
    INFO(revision);
    CHECK_FALSE(repository.Resolve(revision));
  }
  CHECK(Has(repository.Resolve("no-such-branch").error(),
            "git fetch origin +refs/heads/no-such-branch:refs/remotes/origin/no-such-branch"));
}

TEST_CASE("a name that means two commits is an error, not a guess") {
  ScratchRepository scratch;
  std::string first = scratch.Commit("a", "1");
  scratch.Commit("a", "2");
  scratch.Git("tag release " + first);
  scratch.Git("branch release HEAD");
  Repository repository = scratch.Open();
  auto ambiguous = repository.Resolve("release");
  REQUIRE_FALSE(ambiguous);
  CHECK(Has(ambiguous.error(), "ambiguous"));
  CHECK(repository.Resolve("refs/tags/release")->id == first);
}

TEST_CASE("commits tell their people and parents, and the log what head adds") {
  ScratchRepository scratch;
  std::string root = scratch.Commit("a", "1");
  scratch.Git("checkout -q -b side");
  std::string side = scratch.Commit("b", "1", "side work\n\nAssisted-by: x:y\n");
  scratch.Git("checkout -q main");
  std::string main = scratch.Commit("a", "2");
  scratch.Merge("side");
  std::string merge = scratch.Id("HEAD");
  Repository repository = scratch.Open();
  auto commit = repository.ReadCommit(merge);
  REQUIRE(commit);
  CHECK(commit->parents == std::vector<std::string>{main, side});
  CHECK(commit->author.email == "ana@example.com");
  CHECK(repository.ReadCommit(side)->message == "side work\n\nAssisted-by: x:y\n");
  auto log = repository.Log(main, merge);
  REQUIRE(log);
  REQUIRE(log->size() == 2);
  CHECK(log->at(0).id == merge);
  CHECK(log->at(1).id == side);
  CHECK(repository.Log(main, merge, 1)->size() == 1);
  CHECK(repository.Log(merge, main)->empty());
  CHECK(repository.MergeBase(main, side)->id == root);
  CHECK(repository.MergeBase(merge, side)->id == side);
}

TEST_CASE("unrelated histories have no merge base") {
  ScratchRepository scratch;
  std::string one = scratch.Commit("a", "1");
  scratch.Git("checkout -q --orphan other");
  std::string two = scratch.Commit("a", "2");
  Repository repository = scratch.Open();
  auto base = repository.MergeBase(one, two);
  REQUIRE_FALSE(base);
  CHECK(Has(base.error(), "no common ancestor"));
}

TEST_CASE("a shallow clone says which fetch to run, and uses what it has") {
  ScratchRepository scratch;
  std::string root = scratch.Commit("a", "1");
  std::string main1 = scratch.Commit("a", "2");
  scratch.Git("checkout -q -b side " + root);
  for (int i = 0; i < 5; ++i) scratch.Commit("b", std::to_string(i));
  std::string side = scratch.Id("HEAD");
  scratch.Git("checkout -q main");
  scratch.Merge("side");
  std::string merge = scratch.Id("HEAD");
  scratch.Git("clone -q --depth 2 file://" + scratch.root() + " ../shallow");
  Repository shallow = scratch.Open("shallow");
  REQUIRE(shallow.is_shallow());
  CHECK_FALSE(scratch.Open().is_shallow());
  auto base = shallow.MergeBase(main1, side);
  REQUIRE_FALSE(base);
  CHECK(Has(base.error(), "git fetch --unshallow"));
  // The parents of a merge commit are there with depth 2, and one side is an ancestor of the merge.
  CHECK(shallow.MergeBase(main1, merge)->id == main1);
  auto log = shallow.Log(main1, merge);
  REQUIRE(log);
  CHECK(log->size() == 2);
  auto beyond = shallow.ReadCommit(root);
  REQUIRE_FALSE(beyond);
  CHECK(Has(beyond.error(), "not in this clone"));
  CHECK(Has(beyond.error(), "fetch --unshallow"));
  CHECK(shallow.Diff(main1, merge)->size() == 1);
}

TEST_CASE("an object that a partial clone lacks is an error, never a missing file") {
  ScratchRepository scratch;
  std::string first = scratch.Commit("models/a.sql", "select 1\n");
  scratch.Commit("models/a.sql", "select 2\n");
  scratch.Git("config uploadpack.allowFilter true");
  scratch.Git("clone -q --filter=blob:none --sparse file://" + scratch.root() + " ../partial");
  Repository partial = scratch.Open("partial");
  auto blob = partial.ReadBlob(first, "models/a.sql");
  REQUIRE_FALSE(blob);
  CHECK(Has(blob.error(), "not in this clone"));
  CHECK(Has(blob.error(), "git fetch"));
  auto absent = partial.ReadBlob(first, "models/b.sql");
  REQUIRE(absent);
  CHECK_FALSE(absent->has_value());
  scratch.Git("clone -q --no-checkout --filter=tree:0 file://" + scratch.root() + " ../treeless");
  Repository treeless = scratch.Open("treeless");
  auto tree = treeless.ReadBlob(first, "models/a.sql");
  REQUIRE_FALSE(tree);
  CHECK(Has(tree.error(), "not in this clone"));
  CHECK_FALSE(treeless.ListFiles(first, ""));
}

TEST_CASE("a sparse checkout hides nothing: commits are read, not the work tree") {
  ScratchRepository scratch;
  scratch.Write("dbt/models/a.sql", "select 1\n");
  std::string base = scratch.Commit("other/b.txt", "b");
  std::string head = scratch.Commit("dbt/models/a.sql", "select 2\n");
  scratch.Git("clone -q --sparse file://" + scratch.root() + " ../sparse");
  scratch.Git("sparse-checkout set other", "sparse");
  REQUIRE_FALSE(layergate::FileExists(scratch.folder() + "/sparse/dbt/models/a.sql"));
  Repository sparse = scratch.Open("sparse");
  CHECK(sparse.ReadBlob(head, "dbt/models/a.sql")->value() == "select 2\n");
  CHECK(sparse.Diff(base, head)->size() == 1);
}

TEST_CASE("a project in a submodule is judged in the submodule's own history") {
  ScratchRepository scratch;
  scratch.Shell("mkdir ../inner && cd ../inner && git init -q -b main .");
  scratch.Git("commit -q --allow-empty -m first", "inner");
  std::string inner = scratch.Id("HEAD", "inner");
  scratch.Commit("README", "outer");
  scratch.Git("submodule -q add file://" + scratch.folder() + "/inner dbt");
  std::string outer = scratch.CommitAll("with a submodule");
  CHECK(scratch.Open("work/dbt").Resolve("HEAD")->id == inner);
  auto from_outside = scratch.Open().ReadBlob(outer, "dbt/dbt_project.yml");
  REQUIRE_FALSE(from_outside);
  CHECK(Has(from_outside.error(), "a submodule"));
}

TEST_CASE("worktrees and bare repositories are opened too") {
  ScratchRepository scratch;
  std::string commit = scratch.Commit("a", "1");
  scratch.Git("worktree add -q ../tree2 -b second");
  CHECK(scratch.Open("tree2").Resolve("second")->id == commit);
  scratch.Git("clone -q --bare . ../bare.git");
  CHECK(scratch.Open("bare.git").Resolve("main")->id == commit);
  auto file = Repository::Open(scratch.root() + "/a");
  CHECK(file);
}

TEST_CASE("no repository, and one of another user") {
  ScratchRepository scratch(false);
  auto none = Repository::Open(scratch.root());
  REQUIRE_FALSE(none);
  CHECK(Has(none.error(), "not in a git repository"));
  CHECK_FALSE(Repository::Open(scratch.root() + "/missing"));
  if (geteuid() != 0) {
    WARN("not root: cannot make a repository of another user");
    return;
  }
  scratch.Git("init -q -b main .");
  scratch.Commit("a", "1");
  scratch.Shell("chown -R 65534 .");
  auto foreign = Repository::Open(scratch.root());
  REQUIRE_FALSE(foreign);
  CHECK(Has(foreign.error(), "safe.directory " + scratch.root()));
}

TEST_CASE("notes are read where there are any") {
  ScratchRepository scratch;
  std::string commit = scratch.Commit("a", "1");
  CHECK_FALSE(scratch.Open().ReadNote(commit, "refs/notes/ai")->has_value());
  scratch.Git("notes --ref=ai add -m hello " + commit);
  CHECK(**scratch.Open().ReadNote(commit, "refs/notes/ai") == "hello\n");
  std::string other = scratch.Commit("a", "2");
  CHECK_FALSE(scratch.Open().ReadNote(other, "refs/notes/ai")->has_value());
}

TEST_CASE("nothing in the repository's settings is run") {
  ScratchRepository scratch;
  std::string first = scratch.Commit("a.sql", "1");
  std::string second = scratch.Commit("a.sql", "2");
  std::string marker = scratch.folder() + "/ran";
  scratch.Git("config core.fsmonitor 'touch " + marker + "'");
  scratch.Git("config diff.external 'touch " + marker + "'");
  scratch.Git("config filter.x.smudge 'touch " + marker + "'");
  scratch.Write(".git/info/attributes", "*.sql filter=x diff=x\n");
  Repository repository = scratch.Open();
  CHECK(repository.Diff(first, second)->size() == 1);
  CHECK(**repository.ReadBlob(first, "a.sql") == "1");
  CHECK_FALSE(layergate::FileExists(marker));
}
