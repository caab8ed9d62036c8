#include "core/text.h"

#include "core/digest.h"
#include "core/shell.h"
#include "core/source_text.h"
#include "support/catch.h"

using namespace layergate;

TEST_CASE("Locate counts lines and code points from 1") {
  std::string_view text = "select a,\n  \xC3\xA9t\xC3\xA9, b\nfrom t";
  CHECK(Locate(text, 0) == LineColumn{1, 1});
  CHECK(Locate(text, 9) == LineColumn{1, 10});
  CHECK(Locate(text, 10) == LineColumn{2, 1});
  CHECK(Locate(text, text.find("b\n")) == LineColumn{2, 8});
  CHECK(Locate(text, 10'000) == LineColumn{3, 7});
  CHECK(Locate("", 0) == LineColumn{1, 1});
}

TEST_CASE("CaretLine marks the span and survives any text") {
  CHECK(CaretLine("select a, from t", {10, 14}) == "select a, from t\n          ^^^^");
  CHECK(CaretLine("a\nbcd\ne", {2, 100}) == "bcd\n^^^");
  CHECK(CaretLine("", {0, 0}) == "\n^");
  CHECK(CaretLine("x\ty", {2, 3}) == "x y\n  ^");
  std::string wide(1000, 'x');
  std::string cut = CaretLine(wide, {500, 503});
  CHECK(cut.substr(cut.find('\n') + 1).size() < 170);
}

TEST_CASE("Globs") {
  CHECK(MatchesGlob("models/staging/**", "models/staging/a/stg_x.sql"));
  CHECK(MatchesGlob("models/**/staging/**", "models/staging/x.sql"));
  CHECK(MatchesGlob("models/**/staging/**", "models/a/b/staging/x.sql"));
  CHECK_FALSE(MatchesGlob("models/*/x.sql", "models/a/b/x.sql"));
  CHECK(MatchesGlob("stg_*", "stg_orders"));
  CHECK_FALSE(MatchesGlob("stg_*", "int_orders"));
  CHECK(MatchesGlob("?tg_[a-o]*", "stg_orders"));
  CHECK_FALSE(MatchesGlob("stg_[!o]*", "stg_orders"));
  CHECK(MatchesGlob("**/x.sql", "x.sql"));
  CHECK(MatchesGlob("", ""));
  CHECK_FALSE(MatchesGlob("", "a"));
  CHECK_FALSE(MatchesGlob(std::string(200, '*') + "b", std::string(2000, 'a')));
}

TEST_CASE("Printable shows what hides") {
  CHECK(Printable("a\x1b[31mred") == "a\\x1b[31mred");
  CHECK(Printable("line\nbreak") == "line\\x0abreak");
  CHECK(Printable("line\nbreak", true) == "line\nbreak");
  CHECK(Printable("\xE2\x80\xAEtxt") == "\\u202etxt");
  CHECK(Printable("\xFF\xFE") == "\\xff\\xfe");
  CHECK(Printable("na\xC3\xAFve") == "na\xC3\xAFve");
}

TEST_CASE("UTF-8 is judged strictly") {
  CHECK(IsUtf8("plain"));
  CHECK(IsUtf8("\xF0\x9F\xA6\x86"));
  CHECK_FALSE(IsUtf8("\xC0\x80"));
  CHECK_FALSE(IsUtf8("\xED\xA0\x80"));
  CHECK_FALSE(IsUtf8("\xF5\x80\x80\x80"));
  CHECK_FALSE(IsUtf8("\xE2\x82"));
}

TEST_CASE("The nearest name is a suggestion only when it is near") {
  std::vector<std::string> names = {"row_count_diff", "lineage_diff", "parse", "test"};
  CHECK(NearestName("row_count_dif", names) == "row_count_diff");
  CHECK(NearestName("linage_diff", names) == "lineage_diff");
  CHECK(NearestName("tset", names) == "test");
  CHECK(NearestName("completely_else", names).empty());
}

TEST_CASE("Thousands") {
  CHECK(WithThousands(0) == "0");
  CHECK(WithThousands(999) == "999");
  CHECK(WithThousands(1000) == "1,000");
  CHECK(WithThousands(-1234567) == "-1,234,567");
}

TEST_CASE("SHA-256 of known texts") {
  CHECK(Sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
TEST_CASE("a word of a command that the user is told to run") {
  CHECK(ShellWord("refs/heads/main") == "refs/heads/main");
  CHECK(ShellWord("+refs/heads/a;rm -rf ~:x") == "'+refs/heads/a;rm -rf ~:x'");
  CHECK(ShellWord("it's") == R"('it'\''s')");
  CHECK(ShellWord("") == "''");
  CHECK(ShellWord("a\x1b[2J\\b'") == R"($'a\x1b[2J\\b\'')");
  CHECK(ShellQuote("a\nb") == "'a\nb'");
}
