#include "warehouse/redact.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::warehouse {
namespace {

constexpr size_t kShortest = 4;
constexpr std::string_view kMask = "***";

std::string PercentEncode(std::string_view text, bool upper) {
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '.' || c == '_' || c == '~';
    auto byte = static_cast<unsigned char>(c);
    out += plain   ? std::string(1, c)
           : upper ? fmt::format("%{:02X}", byte)
                   : fmt::format("%{:02x}", byte);
  }
  return out;
}

// `escape` in front of every character of `which`.
std::string Escape(std::string_view text, std::string_view which, char escape) {
  std::string out;
  for (char c : text) {
    if (which.find(c) != std::string_view::npos) out += escape;
    out += c;
  }
  return out;
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (std::string form :
         {secret, PercentEncode(secret, true), PercentEncode(secret, false),
          Escape(secret, "\\'", '\\'), Escape(secret, "'", '\''), Escape(secret, "\"", '"'),
          Escape(secret, "}", '}'), Printable(secret)}) {
      needles_.push_back(std::move(form));
    }
  }
  std::sort(needles_.begin(), needles_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  needles_.erase(std::unique(needles_.begin(), needles_.end()), needles_.end());
}

std::string Redactor::Clean(std::string_view text) const {
  std::string out(text);
  for (const std::string& needle : needles_) {
    size_t at = out.find(needle);
    if (at == std::string::npos) continue;
    if (needle.size() < kShortest) return "(message withheld: it may hold a secret)";
    for (; at != std::string::npos; at = out.find(needle, at + kMask.size())) {
      out.replace(at, needle.size(), kMask);
    }
  }
  return out;
}

std::string Redactor::Line(std::string_view text) const {
  std::string line;
  std::string clean = Clean(text);
  for (std::string_view part : Split(clean, '\n')) {
    part = Trim(part);
    if (part.empty()) continue;
    if (!line.empty()) line += "; ";
    line += Printable(part);
  }
  return line;
}

}  // namespace layergate::warehouse
