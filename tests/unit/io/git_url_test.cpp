#include <catch2/catch.hpp>

#include "core/io/git.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using io::parse_remote_url;
using io::RemoteKind;
using test::thrown;

TEST_CASE("every accepted spelling of a repository") {
    struct Row {
        std::string given, url, path, host, scheme, user;
        int port;
    };
    const Row rows[] = {
        {"/srv/git/app.git/", "/srv/git/app.git", "/srv/git/app.git", "", "", "", 0},
        {"./app/../team", "/home/ada/team", "/home/ada/team", "", "", "", 0},
        {"app", "/home/ada/app", "/home/ada/app", "", "", "", 0},
        {"./odd:name", "/home/ada/odd:name", "/home/ada/odd:name", "", "", "", 0},
        {"file:///srv/my%20app.git", "file:///srv/my%20app.git", "/srv/my app.git", "", "file", "", 0},
        {"file://localhost/srv/a", "file:///srv/a", "/srv/a", "", "file", "", 0},
        {"https://GitHub.com/org/app.git", "https://github.com/org/app.git", "", "github.com", "https", "", 0},
        {"HTTPS://host.example:8443/a", "https://host.example:8443/a", "", "host.example", "https", "", 8443},
        {"http://127.0.0.1:3000/a", "http://127.0.0.1:3000/a", "", "127.0.0.1", "http", "", 3000},
        {"ssh://git@host:2222/srv/a", "ssh://git@host:2222/srv/a", "", "host", "ssh", "git", 2222},
        {"ssh://git@[::1]:2222/srv/a", "ssh://git@[::1]:2222/srv/a", "", "[::1]", "ssh", "git", 2222},
        {"git@github.com:org/app.git", "git@github.com:org/app.git", "", "github.com", "ssh", "git", 0},
        {"host:app", "host:app", "", "host", "ssh", "", 0},
    };
    for (const Row& row : rows) {
        INFO(row.given);
        io::RemoteUrl remote = parse_remote_url(row.given, "/home/ada");
        CHECK(remote.url == row.url);
        CHECK(remote.path == row.path);
        CHECK(remote.host == row.host);
        CHECK(remote.scheme == row.scheme);
        CHECK(remote.user == row.user);
        CHECK(remote.port == row.port);
        CHECK((remote.kind == RemoteKind::local) == row.scheme.empty());
    }
}

TEST_CASE("every refused URL says why") {
    const std::pair<std::string, std::string> rows[] = {
        {"ext::sh -c touch% /x", "the repository URL 'ext::sh -c touch% /x' asks for a transport program, which is never run"},
        {"fd::17/a", "the repository URL 'fd::17/a' asks for a transport program, which is never run"},
        {"--upload-pack=touch", "the repository URL '--upload-pack=touch' begins with '-', like an option"},
        {"ssh://-oProxyCommand=x/a", "the repository URL 'ssh://-oProxyCommand=x/a' has no proper host name"},
        {"-oProxyCommand=x:a", "the repository URL '-oProxyCommand=x:a' begins with '-', like an option"},
        {"git@host:-x", "the repository URL 'git@host:-x' has a path that begins with '-'"},
        {"javascript:alert(1)", "the repository URL 'javascript:alert(1)' has a path with a character that shells read"},
        {"ssh://git@host/a;b", "the repository URL 'ssh://git@host/a;b' has a path with a character that shells read"},
        {"git@-host:x", "the repository URL 'git@-host:x' has no proper host name"},
        {"https://host/a\nb", "the repository URL 'https://host/a?b' holds control characters"},
        {"https://host/a%0ab", "the repository URL 'https://host/a%0ab' holds control characters"},
        {"git://host/a", "the repository URL 'git://host/a' has the transport 'git', which is not supported"},
        {"ftp://host/a", "the repository URL 'ftp://host/a' has the transport 'ftp', which is not supported"},
        {"http://host/a", "the repository URL 'http://host/a' is not encrypted; http:// is for loopback only"},
        {"http://127.evil.example/a",
         "the repository URL 'http://127.evil.example/a' is not encrypted; http:// is for loopback only"},
        {"https://", "the repository URL 'https://' has no proper host name"},
        {"https://host", "the repository URL 'https://host' names no repository on its host"},
        {"https://host:99999/a", "the repository URL 'https://host:99999/a' has no proper host name or port"},
        {"file://server/a", "the repository URL 'file://server/a' names a host; file:// is for this machine"},
        {"", "the repository URL is empty"},
    };
    for (const auto& [url, message] : rows) {
        base::Error error = thrown([&] { parse_remote_url(url, "/home/ada"); });
        CHECK(error.message() == message);
        CHECK(error.code() == base::Code::invalid);
        CHECK(error.hint_text() == "use a path, file://, https://, ssh:// or user@host:path");
    }
}

TEST_CASE("charts may be all of a host, or a registry without a scheme") {
    for (std::string_view url : {"https://charts.example.com", "https://charts.example.com/", "http://charts.example.com/stable",
                                 "oci://ghcr.io/team", "ghcr.io/team", "ghcr.io:5000"})
        CHECK_NOTHROW(io::require_chart_url(url));
    const std::pair<std::string, std::string> rows[] = {
        {"http://", "has no proper host name or port"},
        {"oci://", "has no proper host name or port"},
        {"/srv/charts", "has no proper host name or port"},
        {"git@host", "has no proper host name or port"},
        {"javascript:alert(1)", "has no proper host name or port"},
        {"ftp://host/charts", "is no address of charts"},
    };
    for (const auto& [url, why] : rows) {
        const base::Error error = thrown([&] { io::require_chart_url(url); });
        CHECK(error.message() == "the repository URL '" + url + "' " + why);
        CHECK(error.hint_text() == "use https://, oci:// or the name of a registry");
    }
    CHECK(thrown([] { io::require_chart_url("https://x\ny"); }).message() == "the repository URL 'https://x?y' holds control characters");
}

TEST_CASE("credentials of a URL do not stay in it") {
    CHECK(parse_remote_url("https://ada:s3cret@host/a", "/").url == "https://host/a");
    CHECK(parse_remote_url("https://s3cret@host/a", "/").url == "https://host/a");
    CHECK(parse_remote_url("ssh://git:s3cret@host/a", "/").url == "ssh://git@host/a");
    base::Error error = thrown([] { parse_remote_url("https://ada:s3cret@ho st/a", "/"); });
    CHECK(test::all_text(error).find("s3cret") == std::string::npos);
}

TEST_CASE("spellings of one repository have one canonical URL") {
    for (std::string_view url : {"git@github.com:org/app.git", "ssh://git@GitHub.com/org/app", "ssh://github.com:22/org/app/"})
        CHECK(io::canonical_url(url) == "ssh://github.com/org/app");
    for (std::string_view url : {"https://host/a.git/", "https://x:y@HOST:443/a"})
        CHECK(io::canonical_url(url) == "https://host/a");
    CHECK(io::canonical_url("https://host:8443/a") == "https://host:8443/a");
    CHECK(io::canonical_url("/srv/a/.git/") == "/srv/a");
    CHECK(io::canonical_url("file:///srv/my%20a/") == "file:///srv/my a");
}

TEST_CASE("ref names that are safe to look up") {
    for (std::string_view name : {"main", "feature/x", "v1.2.0", "refs/heads/main", "release-1.x", "HEAD", "a@b"})
        CHECK_NOTHROW(io::require_safe_ref(name));
    const std::pair<std::string, std::string> rows[] = {
        {"", "is empty"},
        {"-main", "begins with '-', like an option"},
        {"a..b", "holds '..'"},
        {"main@{1}", "holds '@{', or is '@'"},
        {"@", "holds '@{', or is '@'"},
        {"a b", "holds blanks or control characters"},
        {"a:b", "holds one of the characters : ? * [ \\ ^ ~"},
        {"HEAD~1", "holds one of the characters : ? * [ \\ ^ ~"},
        {"HEAD^", "holds one of the characters : ? * [ \\ ^ ~"},
        {"/main", "begins or ends with '/', or holds '//'"},
        {"a//b", "begins or ends with '/', or holds '//'"},
        {"a/.b", "has a part that begins with '.'"},
        {"main.lock", "has a part that ends with '.lock'"},
        {"main.", "ends with '.'"},
    };
    for (const auto& [name, fault] : rows)
        CHECK(thrown([&] { io::require_safe_ref(name); }).message() == "'" + name + "' is not a revision: the name " + fault);
}
