#include "tests/support/tls.hpp"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace gitops::test {

namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* cert) const { X509_free(cert); }
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Cert = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;

void require(bool is_good) {
    if (!is_good) throw std::runtime_error("OpenSSL could not make a certificate for a test");
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* cert) {
    const Bio bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_X509(bio.get(), cert) == 1);
    return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return text_of(bio.get());
}

void extend(X509* cert, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX setting;
    X509V3_set_ctx(&setting, issuer, cert, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, &setting, kind, value.c_str()));
    require(extension && X509_add_ext(cert, extension.get(), -1) == 1);
}

/// A certificate for `key`, without extensions and signature; one hour old, so that clocks may differ.
Cert new_cert(EVP_PKEY* key, const std::string& name, std::chrono::seconds validity) {
    static std::atomic<long> serial{1};
    Cert cert(X509_new());
    X509_set_version(cert.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), validity.count());
    X509_set_pubkey(cert.get(), key);
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    require(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1);
    return cert;
}

bool is_address(const std::string& name) {
    unsigned char bytes[16];
    return inet_pton(AF_INET, name.c_str(), bytes) == 1 || inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

}  // namespace

struct TestAuthority::State {
    Key key{EVP_EC_gen("P-256")};
    Cert cert;
};

TestAuthority::TestAuthority(const std::string& name) : m_state(std::make_unique<State>()) {
    m_state->cert = new_cert(m_state->key.get(), name, std::chrono::hours(24));
    X509* cert = m_state->cert.get();
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    extend(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
    extend(cert, cert, NID_key_usage, "critical,keyCertSign");
    require(X509_sign(cert, m_state->key.get(), EVP_sha256()) > 0);
    m_cert_pem = pem_of(cert);
}

TestAuthority::~TestAuthority() = default;

TestIdentity TestAuthority::issue(const std::vector<std::string>& names, std::chrono::seconds validity) const {
    const Key key(EVP_EC_gen("P-256"));
    const Cert cert = new_cert(key.get(), names.at(0), validity);
    X509_set_issuer_name(cert.get(), X509_get_subject_name(m_state->cert.get()));
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
    extend(cert.get(), m_state->cert.get(), NID_subject_alt_name, list);
    require(X509_sign(cert.get(), m_state->key.get(), EVP_sha256()) > 0);
    return {pem_of(cert.get()), pem_of(key.get())};
}

}  // namespace gitops::test
