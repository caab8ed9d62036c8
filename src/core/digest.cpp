#include "core/digest.h"

#include <array>

#include <openssl/evp.h>

#include "core/result.h"

namespace layergate {

namespace {

std::string Hex(std::string_view bytes, const EVP_MD* method) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  LAYERGATE_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, method, nullptr) ==
                  1);
  constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(length * 2);
  for (unsigned int i = 0; i < length; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) { return Hex(bytes, EVP_sha256()); }
std::string Md5Hex(std::string_view bytes) { return Hex(bytes, EVP_md5()); }

}  // namespace layergate
