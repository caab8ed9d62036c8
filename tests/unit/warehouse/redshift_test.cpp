// Redshift's way in, held against PostgreSQL behind a proxy that says what Redshift says: that it
// is version 8.0.2. The real thing has not been asked.
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "databases.h"

namespace layergate::warehouse {
namespace {

constexpr const char* kUrl = "LAYERGATE_TEST_POSTGRES_URL";

// Passes bytes both ways, and gives the server another version in what it tells at the start.
class Proxy {
 public:
  explicit Proxy(int port) : server_port_(port) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = Loopback(0);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t length = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    listen(listener_, 8);
    acceptor_ = std::thread([this] {
      while (true) {
        int client = accept(listener_, nullptr, nullptr);
        if (client < 0 || stopped_) return;
        lines_.emplace_back([this, client] { Pass(client); });
      }
    });
  }
  ~Proxy() {
    stopped_ = true;
    shutdown(listener_, SHUT_RDWR);
    close(listener_);
    acceptor_.join();
    for (std::thread& line : lines_) line.join();
  }
  int port() const { return port_; }

 private:
  static sockaddr_in Loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    return address;
  }
  // "server_version\0 15.x...\0" keeps its length.
  static void Rewrite(char* bytes, size_t size) {
    std::string_view text(bytes, size);
    size_t at = text.find(std::string_view("server_version\0", 15));
    if (at == std::string_view::npos) return;
    size_t end = text.find('\0', at + 15);
    if (end == std::string_view::npos || end - at - 15 < 5) return;
    std::string version = "8.0.2" + std::string(end - at - 20, ' ');
    std::copy(version.begin(), version.end(), bytes + at + 15);
  }
  void Pass(int client) {
    int server = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = Loopback(server_port_);
    if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      std::array<char, 65536> bytes{};
      std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
      bool open = true;
      while (open && !stopped_) {
        poll(ends.data(), ends.size(), 100);
        for (size_t i = 0; i < 2 && open; ++i) {
          if ((ends[i].revents & (POLLIN | POLLHUP)) == 0) continue;
          ssize_t size = read(ends[i].fd, bytes.data(), bytes.size());
          if (size > 0 && i == 1) Rewrite(bytes.data(), static_cast<size_t>(size));
          open = size > 0 && write(ends[1 - i].fd, bytes.data(), static_cast<size_t>(size)) == size;
        }
      }
    }
    close(server);
    close(client);
  }

  int server_port_, listener_ = -1, port_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread acceptor_;
  std::vector<std::thread> lines_;
};

int PortOf(const Target& target) {
  for (const auto& [key, value] : target.settings) {
    if (key == "port") return std::stoi(value);
  }
  return 0;
}

// redshift://... of the PostgreSQL URL, through the proxy.
std::string Through(const Proxy& proxy, const std::string& url, const std::string& login = "ci") {
  return fmt::format("redshift://{}@127.0.0.1:{}{}", login, proxy.port(),
                     url.substr(url.rfind('/')));
}

void Prepare(const std::string& url) {
  PGconn* connection = PQconnectdb(url.c_str());
  for (const char* sql :
       {"set client_min_messages = error", "drop schema if exists rs cascade; create schema rs",
        "create table rs.orders as select g as id from generate_series(1, 1000) g",
        "do $$ begin create role rs_nobody login; exception when duplicate_object then null; end "
        "$$",
        "grant usage on schema rs to rs_nobody"}) {
    PGresult* result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) FAIL(PQerrorMessage(connection));
    PQclear(result);
  }
  PQfinish(connection);
}

}  // namespace

TEST_CASE("Redshift: libpqxx refuses that version, plain libpq does not") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Prepare(*url);
  Proxy proxy(PortOf(MakeTarget(*url)));
  std::string address = Through(proxy, *url);
  Opened refused = Open(MakeTarget("postgres" + address.substr(8)), kTime);
  REQUIRE_FALSE(refused.connection);
  CHECK(refused.failure.message.find("version") != std::string::npos);

  auto connection = MustOpen(address);
  CHECK(connection->dialect() == sql::Dialect::kRedshift);
  CHECK(One(*connection, "select count(*) from rs.orders") == "1000");
  CHECK(One(*connection, "select null::text") == "NULL");
  CHECK(connection->Query("select id from rs.orders", kTime, 5).rows->rows.size() == 5);
}

TEST_CASE("Redshift: nothing is written") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Prepare(*url);
  Proxy proxy(PortOf(MakeTarget(*url)));
  auto connection = MustOpen(Through(proxy, *url));
  for (const char* sql :
       {"delete from rs.orders", "select 1; delete from rs.orders",
        "select 1; commit; delete from rs.orders", "explain analyze delete from rs.orders",
        "with d as (delete from rs.orders returning 1) select count(*) from d",
        "select id into rs.copy from rs.orders", "set transaction read write"}) {
    INFO(sql);
    CHECK_FALSE(connection->Query(sql, kTime));
  }
  CHECK(One(*connection, "select count(*) from rs.orders") == "1000");
}

TEST_CASE("Redshift: each failure has its kind, and deadlines hold") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Prepare(*url);
  Proxy proxy(PortOf(MakeTarget(*url)));
  auto connection = MustOpen(Through(proxy, *url));
  auto kind = [&](Connection& c, const char* sql) { return c.Query(sql, kTime).failure.kind; };
  CHECK(kind(*connection, "select * from rs.gone") == FailureKind::kMissing);
  CHECK(kind(*connection, "select gone from rs.orders") == FailureKind::kMissing);
  CHECK(kind(*connection, "select 1 / 0") == FailureKind::kSql);
  auto nobody = MustOpen(Through(proxy, *url, "rs_nobody"));
  CHECK(kind(*nobody, "select count(*) from rs.orders") == FailureKind::kPermission);

  Answer answer = connection->Query("select pg_sleep(60)", std::chrono::milliseconds(200));
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kTimeout);
  CHECK(One(*connection, "select 1") == "1");

  std::atomic<bool> ended = false;
  std::thread canceller([&] {
    while (!ended) {
      connection->Cancel();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  answer = connection->Query("select pg_sleep(60)", kTime);
  ended = true;
  canceller.join();
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kCancelled);
}

TEST_CASE("Redshift: a wrong password is not shown, and a dead server is a failure to connect") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Proxy proxy(PortOf(MakeTarget(*url)));
  Opened opened = Open(MakeTarget(Through(proxy, *url, "locked:canary-4711")), kTime);
  REQUIRE_FALSE(opened.connection);
  CHECK(opened.failure.kind == FailureKind::kConnect);
  CHECK(opened.failure.message.find("canary") == std::string::npos);
  opened = Open(MakeTarget(fmt::format("redshift://u@127.0.0.1:{}/d", UnusedPort())), kTime);
  CHECK(opened.failure.kind == FailureKind::kConnect);
}

}  // namespace layergate::warehouse
