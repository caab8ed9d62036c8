#include "dbt/unique_id.h"

namespace layergate::dbt {
namespace {

// ".v2" at the end. Other words are taken for a part of the name: "crm.vendors".
std::string_view WithoutVersion(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 2 >= name.size() || name[dot + 1] != 'v') return name;
  const bool number = name.find_first_not_of("0123456789", dot + 2) == std::string_view::npos;
  return number ? name.substr(0, dot) : name;
}

}  // namespace

std::string_view NameWithVersion(std::string_view unique_id) {
  const size_t package = unique_id.find('.');
  const size_t name =
      package == std::string_view::npos ? package : unique_id.find('.', package + 1);
  return name == std::string_view::npos ? unique_id : unique_id.substr(name + 1);
}

std::string_view NameOf(std::string_view unique_id) {
  const std::string_view name = NameWithVersion(unique_id);
  return name.size() == unique_id.size() ? name : WithoutVersion(name);
}

}  // namespace layergate::dbt
