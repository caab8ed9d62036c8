// What a unique_id says by itself, where its node is not at hand.
#pragma once

#include <string_view>

namespace layergate::dbt {

// The name that ref() takes: "model.shop.fct_orders" -> "fct_orders", "model.shop.dim_users.v2" ->
// "dim_users". Names may hold dots: "model.shop.crm.users" -> "crm.users". Of a source also its
// group's: "raw.orders". The whole text when it is no unique_id.
std::string_view NameOf(std::string_view unique_id);
// The same with its version, for people: "dim_users.v2".
std::string_view NameWithVersion(std::string_view unique_id);

}  // namespace layergate::dbt
