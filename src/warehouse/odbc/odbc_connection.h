// A connection through unixODBC: the driver manager's handles, deadlines, cancelling and messages.
// What differs between drivers comes in as data.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "sql/dialect.h"
#include "warehouse/connection.h"
#include "warehouse/redact.h"

namespace layergate::warehouse::odbc {

// What a driver said: the first record that is more than a remark.
struct Diagnostic {
  std::string state;
  long native = 0;
  std::string text;
};

struct Session {
  std::string what;                // for messages: "prod (sqlite /data/shop.db)"
  std::string connection_string;   // complete; holds secrets
  std::vector<std::string> start;  // run after connecting; a failure refuses the connection
  sql::Dialect dialect = sql::Dialect::kAnsi;
  // Bounds statements on the server; run before a statement whose bound is not the last one's. May
  // be null: the deadline is held by cancelling in any case.
  std::string (*set_timeout)(std::chrono::milliseconds) = nullptr;
  FailureKind (*classify)(const Diagnostic&) = nullptr;
  // The driver would run `select 1; delete ...`: texts with several statements are refused here.
  bool takes_several_statements = false;
  std::string install_hint;  // which package brings the driver
  Redactor redactor;
};

Opened Connect(Session session, std::chrono::milliseconds timeout);

// By SQLSTATE alone, for drivers that give honest ones.
FailureKind ClassifyState(const Diagnostic& diagnostic);

}  // namespace layergate::warehouse::odbc
