#include "core/embedded/admission.hpp"

#include <array>
#include <string_view>

#include "core/embedded/addresses.hpp"
#include "core/embedded/documents.hpp"
#include "core/embedded/immutable.hpp"
#include "core/embedded/lifecycle.hpp"
#include "core/embedded/validation.hpp"
#include "core/base/digest.hpp"
#include "core/base/error.hpp"

namespace gitops::embedded {

using base::Code;
using base::Error;
using doc::Value;

namespace {

constexpr std::array<std::string_view, 5> k_server_metadata{"creationTimestamp", "deletionTimestamp",
                                                            "deletionGracePeriodSeconds", "generation", "selfLink"};
constexpr std::array<std::string_view, 6> k_kept_metadata{
    "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"};

/// stringData is the writer's convenience: the API server stores it as data.
void encode_secret(Value& secret) {
    const Value* plain = secret.find("stringData");
    if (plain == nullptr) return;
    Value texts = *plain;
    secret.erase("stringData");
    if (texts.empty()) return;
    for (const doc::Entry& entry : texts.entries()) {
        if (!entry.value.is_string() && !entry.value.is_null())
            throw Error(Code::invalid, kube::key_of(secret).text() + ": stringData." + std::string(entry.name()) +
                                           ": expected a text, found a " + std::string(kind_name(entry.value.kind())));
        secret.at("data").set(entry.name(), base::base64_encode(entry.value.text()));
    }
}

void complete_namespace(Value& object) {
    kube::set_label(object, "kubernetes.io/metadata.name", kube::name_of(object));
    object.at("spec").set("finalizers", Value::list({Value("kubernetes")}));
    object.set("status", map_of({{"phase", "Active"}}));
}

bool is_core(const Location& location, std::string_view kind) {
    return location.key.group.empty() && location.key.kind == kind;
}

/// Everything a client may wish for, to see whether a change is one of the wish.
Value wish_of(const Value& object, StatusRoom status) {
    Value wish = object;
    wish.erase("metadata");
    wish.erase("apiVersion");
    if (status == StatusRoom::separate) wish.erase("status");
    return wish;
}

}  // namespace

Value cleaned(const Value& object, const Location& location) {
    kube::require_identity(object, {});
    Value clean = object;
    Value& metadata = clean.at("metadata");
    for (std::string_view field : k_server_metadata) metadata.erase(field);
    metadata.erase("managedFields");
    if (location.key.ns.empty()) metadata.erase("namespace");
    else if (metadata.text_at("namespace") != location.key.ns) metadata.set("namespace", location.key.ns);
    if (location.status == StatusRoom::separate) clean.erase("status");
    if (is_core(location, "Secret")) encode_secret(clean);
    return clean;
}

void require_namespace(ObjectStore& store, const Location& location) {
    if (location.key.ns.empty()) return;
    auto row = store.find({"", "Namespace", "", location.key.ns});
    if (!row)
        throw Error(Code::not_found, "namespace \"" + location.key.ns + "\" does not exist")
            .note("while creating " + location.key.text())
            .hint("create it: with a manifest in Git, with `cluster apply`, or, if it is the destination namespace, with "
                  "CreateNamespace=true");
    if (kube::is_being_deleted(row->object))
        throw Error(Code::denied, "namespace \"" + location.key.ns + "\" is being deleted and takes nothing new")
            .note("while creating " + location.key.text());
}

void require_current(const Value& request, const Row& live) {
    std::string_view uid = kube::uid_of(request);
    if (!uid.empty() && uid != kube::uid_of(live.object))
        throw Error(Code::conflict, live.key.text() + " is another object now: its uid is " +
                                        std::string(kube::uid_of(live.object)) + ", not " + std::string(uid));
    std::string_view version = kube::resource_version_of(request);
    if (!version.empty() && version != kube::resource_version_of(live.object))
        throw Error(Code::conflict, live.key.text() + " has changed meanwhile: its resourceVersion is " +
                                        std::to_string(live.version) + ", not " + std::string(version))
            .hint("read it again and redo the change");
}

void admit_new(const Location& location, Value& object) {
    validate(location, object);
    object.at("metadata").erase("resourceVersion");
    if (is_core(location, "Namespace")) complete_namespace(object);
}

void admit_change(ObjectStore& store, const Location& location, const Value& live, Value& object) {
    Value& metadata = object.at("metadata");
    const Value& old = *live.find("metadata");
    for (std::string_view field : k_kept_metadata) {
        if (const Value* kept = old.find(field)) {
            if (const Value* now = metadata.find(field); now == nullptr || !now->same_node(*kept))
                metadata.set(field, *kept);
        } else {
            metadata.erase(field);
        }
    }
    if (location.status == StatusRoom::separate) {
        if (const Value* status = live.find("status")) object.set("status", *status);
        else object.erase("status");
    }
    if (is_core(location, "Namespace"))
        if (const Value* spec = live.find("spec")) object.set("spec", *spec);
    if (is_core(location, "Service")) give_addresses(store, live, object);
    if (is_core(location, "PersistentVolumeClaim"))
        if (const Value* volume = live.path("spec", "volumeName"); volume != nullptr && object.has("spec"))
            if (!object.at("spec").has("volumeName")) object.at("spec").set("volumeName", *volume);
    validate(location, object);
    refuse_immutable(location, live, object);
    if (counts_generations(location.key) && !(wish_of(live, location.status) == wish_of(object, location.status)))
        object.at("metadata").set("generation", int_or(old.find("generation"), 1) + 1);
}

std::string generated_name(std::string_view prefix, std::int64_t number) {
    return std::string(prefix.substr(0, 58)) + short_hash(std::string(prefix) + std::to_string(number), 5);
}

}  // namespace gitops::embedded
