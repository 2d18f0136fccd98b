#include "core/io/known_hosts.hpp"

#include <catch2/catch.hpp>

#include "core/base/digest.hpp"

using gitops::io::HostKeyVerdict;
using gitops::io::judge_host_key;

namespace {

/// An ed25519 public key in the ssh wire format, filled with one byte.
std::string key_of(char fill) {
    return std::string("\0\0\0\x0bssh-ed25519\0\0\0\x20", 19) + std::string(32, fill);
}

std::string line(const std::string& hosts, char fill, const std::string& type = "ssh-ed25519") {
    return hosts + " " + type + " " + gitops::base::base64_encode(key_of(fill)) + " a comment\n";
}

// Made with `ssh-keygen -H` for "host.example" and "[host.example]:2222".
const std::string k_hashed = "|1|tEZACZSJwbH9FY5x+Ngfvkmlzjo=|kmznDMigsiEP3FKZCULG8faYq40=";
const std::string k_hashed_port = "|1|QugPKhBEI6lQenWUcyqv2DlwEdA=|PwFA39dBqjNhhdAGHrFpQtLrlHA=";

}  // namespace

TEST_CASE("a key and the name of its host must both be in the file") {
    struct Row {
        std::string file, host;
        int port;
        HostKeyVerdict verdict;
    };
    const Row rows[] = {
        {line("host.example", 'k'), "host.example", 0, HostKeyVerdict::known},
        {line("host.example", 'k'), "HOST.example", 22, HostKeyVerdict::known},
        {line("other,host.example,10.0.0.1", 'k'), "host.example", 0, HostKeyVerdict::known},
        {line("*.example", 'k'), "host.example", 0, HostKeyVerdict::known},
        {line("hos?.example", 'k'), "host.example", 0, HostKeyVerdict::known},
        {line("*.example,!host.example", 'k'), "host.example", 0, HostKeyVerdict::unknown_host},
        {line("host.example", 'k'), "host.example", 2222, HostKeyVerdict::unknown_host},
        {line("[host.example]:2222", 'k'), "host.example", 2222, HostKeyVerdict::known},
        {line("[host.example]:2222", 'k'), "host.example", 0, HostKeyVerdict::unknown_host},
        {line("[::1]:2222", 'k'), "[::1]", 2222, HostKeyVerdict::known},
        {line("h", 'k'), "host.example", 0, HostKeyVerdict::unknown_host},
        {line(k_hashed, 'k'), "host.example", 0, HostKeyVerdict::known},
        {line(k_hashed, 'k'), "other.example", 0, HostKeyVerdict::unknown_host},
        {line(k_hashed_port, 'k'), "host.example", 2222, HostKeyVerdict::known},
        {line(k_hashed_port, 'k'), "host.example", 0, HostKeyVerdict::unknown_host},
        {line("host.example", 'x'), "host.example", 0, HostKeyVerdict::changed},
        {line("host.example", 'x', "ssh-rsa"), "host.example", 0, HostKeyVerdict::other_type},
        {line("host.example", 'x') + line("host.example", 'k'), "host.example", 0, HostKeyVerdict::known},
        {line("host.example", 'k') + line("@revoked *", 'k'), "host.example", 0, HostKeyVerdict::revoked},
        {line("@cert-authority *", 'k'), "host.example", 0, HostKeyVerdict::unknown_host},
        {"# " + line("host.example", 'k'), "host.example", 0, HostKeyVerdict::unknown_host},
        {"host.example ssh-ed25519 not-base64!\n", "host.example", 0, HostKeyVerdict::changed},
        {"|1|bad|hash ssh-ed25519 AAAA\n|1||| ssh-ed25519 AAAA\n|", "host.example", 0, HostKeyVerdict::unknown_host},
        {"", "host.example", 0, HostKeyVerdict::unknown_host},
    };
    for (const Row& row : rows) {
        INFO(row.file << row.host << ":" << row.port);
        CHECK(judge_host_key(row.file, row.host, row.port, key_of('k')) == row.verdict);
    }
}

TEST_CASE("an empty or malformed key is never known") {
    CHECK(judge_host_key("host.example ssh-ed25519 \nhost.example x =\n", "host.example", 0, "") != HostKeyVerdict::known);
    CHECK(gitops::io::host_key_type(std::string("\xff\xff\xff\xff", 4)) == "");
    CHECK(gitops::io::host_key_type("abc") == "");
    CHECK(gitops::io::host_key_type(key_of('k')) == "ssh-ed25519");
}

TEST_CASE("the fingerprint is the one ssh-keygen prints") {
    CHECK(gitops::io::host_key_fingerprint(key_of('k')) == "SHA256:sArVyTbDlP2ByuRNM59Xf/iwOUmdy69sxylyNl3iUQQ");
}
