#include "rules/validators/wechat.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "rules/validators/characters.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

constexpr size_t kFewest = 6, kMost = 20;

// What keys, functions and texts about WeChat are made of. Sorted.
constexpr std::string_view kCodeWords[] = {
    "access",    "account",     "agent",       "android",   "api",      "app",           "appid",
    "applet",    "application", "appsecret",   "article",   "auth",     "authorization", "avatar",
    "bind",      "binding",     "bool",        "boolean",   "bot",      "browser",       "button",
    "callback",  "channel",     "client",      "code",      "config",   "contact",       "content",
    "default",   "desktop",     "double",      "enable",    "enabled",  "enterprise",    "error",
    "event",     "false",       "file",        "float",     "for",      "format",        "friend",
    "friends",   "function",    "get",         "group",     "groups",   "handler",       "history",
    "http",      "https",       "icon",        "id",        "image",    "images",        "import",
    "in",        "index",       "info",        "int",       "integer",  "ios",           "ipad",
    "iphone",    "is",          "item",        "items",     "key",      "link",          "list",
    "login",     "logo",        "mac",         "macos",     "manager",  "merchant",      "message",
    "messages",  "mini",        "miniprogram", "mobile",    "module",   "moments",       "msg",
    "name",      "net",         "nettype",     "nickname",  "none",     "not",           "notify",
    "null",      "number",      "object",      "official",  "on",       "open",          "openid",
    "order",     "orders",      "page",        "password",  "pay",      "payment",       "phone",
    "platform",  "plugin",      "program",     "public",    "publish",  "qrcode",        "query",
    "redirect",  "refund",      "request",     "require",   "response", "return",        "robot",
    "scan",      "script",      "sdk",         "secret",    "server",   "service",       "session",
    "set",       "share",       "sign",        "signature", "state",    "status",        "string",
    "subscribe", "support",     "table",       "template",  "tencent",  "test",          "text",
    "ticket",    "to",          "token",       "true",      "type",     "undefined",     "union",
    "unionid",   "update",      "url",         "user",      "userid",   "username",      "util",
    "utils",     "value",       "vector",      "velocity",  "verify",   "version",       "view",
    "wallet",    "web",         "webhook",     "webview",   "wechat",   "weixin",        "windows",
    "work",      "wx"};
static_assert(std::is_sorted(std::begin(kCodeWords), std::end(kCodeWords)));

// What a number behind makes a version or a model of. Sorted.
constexpr std::string_view kVersioned[] = {"android", "api",     "arm", "base",   "build", "chrome", "float",
                                           "harmony", "http",    "int", "ios",    "ipad",  "iphone", "mac",
                                           "macos",   "oauth",   "sdk", "sha",    "uint",  "utf",    "v",
                                           "ver",     "version", "win", "windows"};
static_assert(std::is_sorted(std::begin(kVersioned), std::end(kVersioned)));

bool IsJoint(char c) { return c == '_' || c == '-'; }

// "access_token", "NetType", "unionid": words of code and nothing else.
bool IsOfCodeWords(std::string_view name, std::string_view lower) {
  size_t begin = 0;
  for (size_t i = 1; i <= name.size(); ++i) {
    const bool hump = i < name.size() && IsUpper(name[i]) && IsLower(name[i - 1]);
    if (i < name.size() && !IsJoint(name[i]) && !hump) continue;
    const std::string_view part = lower.substr(begin, i - begin);
    if (!part.empty() && !std::binary_search(std::begin(kCodeWords), std::end(kCodeWords), part))
      return false;
    begin = i < name.size() && IsJoint(name[i]) ? i + 1 : i;
  }
  return true;
}

}  // namespace

Verdict CheckWechatName(std::string_view value) {
  if (value.size() < kFewest || value.size() > kMost + 6) return Rejected("not 6 to 20 characters");
  std::array<char, kMost + 6> buffer;
  std::transform(value.begin(), value.end(), buffer.begin(), ToLower);
  const std::string_view lower(buffer.data(), value.size());
  const size_t digits = CountDigits(value);
  constexpr std::string_view kGenerated = "wxid_";
  if (lower.starts_with(kGenerated))
    return digits > 0 ? Accepted("as WeChat generates them") : Rejected("a generated name has digits");
  if (value.size() > kMost) return Rejected("not 6 to 20 characters");
  if (digits == 0) {
    const bool constant = value.find('_') != std::string_view::npos &&
                          std::none_of(value.begin(), value.end(), [](char c) { return IsLower(c); });
    if (constant) return Rejected("the name of a constant");
    if (IsOfCodeWords(value, lower) ||
        std::binary_search(std::begin(kCodeWords), std::end(kCodeWords), lower)) {
      return Rejected("words of code");
    }
    return Accepted("letters that are no words of code");
  }
  const size_t letters = static_cast<size_t>(
      std::find_if(lower.begin(), lower.end(), [](char c) { return !IsLower(c); }) - lower.begin());
  const std::string_view rest = lower.substr(letters);
  if (std::all_of(rest.begin(), rest.end(), [](char c) { return IsDigit(c) || IsJoint(c); }) &&
      std::binary_search(std::begin(kVersioned), std::end(kVersioned), lower.substr(0, letters))) {
    return Rejected("a product and its version");
  }
  return Accepted("6 to 20 characters from a letter");
}

}  // namespace privet
