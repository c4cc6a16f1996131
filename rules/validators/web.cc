#include "rules/validators/web.h"

#include <algorithm>

#include "rules/validators/characters.h"
#include "rules/validators/domain_name.h"
#include "rules/validators/network.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// "foo bar" in quotes: anything but an unescaped quote inside.
bool IsQuoted(std::string_view local) {
  if (local.size() < 3 || local.front() != '"' || local.back() != '"') return false;
  bool escaped = false;
  for (const char c : local.substr(1, local.size() - 2)) {
    if (c == '"' && !escaped) return false;
    escaped = c == '\\' && !escaped;
  }
  return !escaped;
}

// Dot-separated atoms. '%' and '&' are legal, but where they stand in real text they belong to a URL.
bool IsDotAtom(std::string_view local) {
  constexpr std::string_view kSigns = "!#$'*+-/=?^_`{|}~";
  if (local.empty() || local.front() == '.' || local.back() == '.' ||
      local.find("..") != std::string_view::npos) {
    return false;
  }
  for (size_t i = 0; i < local.size(); ++i) {
    const char c = local[i];
    if (c == '\\') {
      if (++i == local.size()) return false;
      continue;
    }
    if (IsAscii(c) && !IsAlphanumeric(c) && c != '.' && kSigns.find(c) == std::string_view::npos)
      return false;
  }
  return true;
}

bool IsAddressLiteral(std::string_view domain) {
  if (domain.size() < 4 || domain.front() != '[' || domain.back() != ']') return false;
  std::string_view address = domain.substr(1, domain.size() - 2);
  constexpr std::string_view kIpv6Tag = "IPv6:";
  if (address.starts_with(kIpv6Tag)) return CheckIpv6(address.substr(kIpv6Tag.size())).valid;
  return CheckIpv4(address).valid;
}

}  // namespace

Verdict CheckEmail(std::string_view value) {
  const size_t at = value.rfind('@');
  if (at == std::string_view::npos) return Rejected("no @");
  const std::string_view local = value.substr(0, at);
  const std::string_view domain = value.substr(at + 1);
  if (local.size() > 64) return Rejected("local part longer than 64 bytes");
  if (!IsDotAtom(local) && !IsQuoted(local)) return Rejected("local part has other characters or stray dots");
  if (domain.starts_with('[')) {
    return IsAddressLiteral(domain) ? Accepted("local part and address literal hold")
                                    : Rejected("no address literal");
  }
  const DomainName name = ParseDomainName(domain);
  if (!name.valid) return Rejected(name.reason);
  if (name.top_level == TopLevel::Unknown) return Rejected("no such top-level domain");
  return Accepted("local part, host name and top-level domain hold");
}

namespace {

constexpr std::string_view kSchemes[] = {"http", "https", "ftp", "ftps", "sftp", "ws", "wss"};

bool IsKnownScheme(std::string_view scheme) {
  return std::any_of(std::begin(kSchemes), std::end(kSchemes), [&](std::string_view known) {
    return known.size() == scheme.size() && std::equal(scheme.begin(), scheme.end(), known.begin(),
                                                       [](char a, char b) { return ToLower(a) == b; });
  });
}

// Behind the colon of an authority: nothing, or 1 to 65535.
bool IsPort(std::string_view port) {
  return port.empty() ||
         (port.size() <= 5 && AllDigits(port) && NumberOf(port) >= 1 && NumberOf(port) <= 65535);
}

// What can stand in a path, query or fragment, letters of other scripts included.
bool IsUrlTail(std::string_view tail) {
  return std::none_of(tail.begin(), tail.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7F;
  });
}

struct Host {
  bool valid = false;
  bool is_address = false;
  TopLevel top_level = TopLevel::Unknown;
};

Host ParseHost(std::string_view host) {
  if (host.starts_with('[')) {
    return {host.ends_with(']') && CheckIpv6(host.substr(1, host.size() - 2)).valid, true, TopLevel::Unknown};
  }
  if (!host.empty() && IsDigit(host.back())) return {CheckIpv4(host).valid, true, TopLevel::Unknown};
  if (host.ends_with('.')) host.remove_suffix(1);  // the root
  const DomainName name = ParseDomainName(host);
  return {name.valid, false, name.top_level};
}

}  // namespace

Verdict CheckUrl(std::string_view value) {
  std::string_view rest = value;
  const size_t scheme_end = value.find("://");
  const bool has_scheme = scheme_end != std::string_view::npos && scheme_end <= 8;
  if (has_scheme) {
    if (!IsKnownScheme(value.substr(0, scheme_end))) return Rejected("scheme is none of the usual ones");
    rest.remove_prefix(scheme_end + 3);
  }
  const size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  const std::string_view tail = rest.substr(authority_end);
  if (!IsUrlTail(tail)) return Rejected("path holds what no URL can");
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    if (!has_scheme || user.empty() || user.front() == ':' || !IsUrlTail(user))
      return Rejected("no user before @");
    authority.remove_prefix(at + 1);
  }
  const size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return Rejected("no closing bracket");
  const size_t colon = authority.find(':', bracket);
  if (colon != std::string_view::npos && !IsPort(authority.substr(colon + 1)))
    return Rejected("no port of 1 to 65535");
  const Host host = ParseHost(authority.substr(0, colon));
  if (!host.valid) return Rejected("no host name");
  if (has_scheme) {
    if (host.is_address) return Accepted("scheme and address hold");
    return host.top_level == TopLevel::Unknown
               ? Accepted("scheme and host hold; top-level domain unknown", -0.5)
               : Accepted("scheme and host hold");
  }
  if (host.is_address) return Accepted("an address without a scheme", -2);
  const bool says_www = authority.starts_with("www.") || authority.starts_with("WWW.");
  if (host.top_level == TopLevel::Unknown) {
    return says_www ? Accepted("host begins with www; top-level domain unknown", -0.7)
                    : Rejected("no such top-level domain");
  }
  if (says_www) return Accepted("host begins with www");
  if (host.top_level == TopLevel::Ambiguous) {
    return Accepted("host holds; its ending is also a file's or a word", tail.empty() ? -1.5 : -0.7);
  }
  return Accepted("host and top-level domain hold");
}

Verdict CheckBareDomain(std::string_view value) {
  const DomainName name = ParseDomainName(value);
  if (!name.valid) return Rejected(name.reason);
  switch (name.top_level) {
    case TopLevel::Unknown:
      return Rejected("no such top-level domain");
    case TopLevel::Ambiguous:
      return Accepted("host name holds; its ending is also a file's or a word", -1.5);
    case TopLevel::Known:
      break;
  }
  return Accepted("host name and top-level domain hold");
}

}  // namespace privet
