// Small text functions that more than one folder needs.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace layergate {

// ASCII case folding only: identifiers of every supported dialect fold by ASCII or are compared
// exactly.
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string_view Trim(std::string_view text);
std::vector<std::string_view> Split(std::string_view text, char separator);
// The parts would outlive a temporary text.
template <std::same_as<std::string> Temporary>
std::vector<std::string_view> Split(Temporary&& text, char separator) = delete;
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

// Text from outside (model names, SQL, commit messages) made safe to print on a terminal or in a
// log: control characters, escape sequences and bidirectional overrides become visible \x.. or
// \u.... escapes. Newlines and tabs stay when `keep_newlines`.
std::string Printable(std::string_view text, bool keep_newlines = false);

// True when `text` is well-formed UTF-8.
bool IsUtf8(std::string_view text);

// The candidate nearest to `word` by edit distance, or empty when none is near enough to be worth a
// "did you mean". Ties go to the earlier candidate.
std::string_view NearestName(std::string_view word, const std::vector<std::string>& candidates);

// "1,234,567".
std::string WithThousands(long long number);

// Glob with `*` (not across '/'), `**` (across), `?` and [...] against the whole text, linear in
// time.
bool MatchesGlob(std::string_view glob, std::string_view text);

}  // namespace layergate
