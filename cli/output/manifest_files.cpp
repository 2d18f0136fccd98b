#include "cli/output/manifest_files.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/kube/catalog.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

namespace {

std::string namespace_part(const doc::Value& object) {
    if (kube::scope_of(kube::gvk_of(object)) == kube::Scope::cluster) return {};
    const std::string_view ns = kube::namespace_of(object);
    return ns.empty() ? std::string("default") : std::string(ns);
}

std::string plain_name(const doc::Value& object) {
    const kube::Gvk gvk = kube::gvk_of(object);
    std::string name;
    for (const std::string& part : {gvk.group, gvk.version, gvk.kind, std::string(kube::name_of(object))}) {
        if (!part.empty()) name += (name.empty() ? "" : "_") + base::lower(part);
    }
    // Names of RBAC objects may hold what a file name must not.
    for (char& letter : name) letter = letter == '/' ? '-' : letter;
    return name + ".yaml";
}

}  // namespace

std::vector<std::string> manifest_file_names(std::span<const doc::Value> objects) {
    std::set<std::string> namespaces;
    for (const doc::Value& object : objects) {
        if (const std::string ns = namespace_part(object); !ns.empty()) namespaces.insert(ns);
    }
    std::vector<std::string> names;
    for (const doc::Value& object : objects) {
        const std::string ns = namespace_part(object);
        names.push_back((namespaces.size() > 1 && !ns.empty() ? base::lower(ns) + "_" : "") + plain_name(object));
    }
    return names;
}

void write_file(const std::string& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush())
        throw base::Error(base::Code::unavailable, "cannot write " + path + ": " + std::strerror(errno));
}

void write_manifest_files(const std::string& folder, std::span<const doc::Value> objects) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) throw base::Error(base::Code::unavailable, "cannot create " + folder + ": " + problem.message());
    const std::vector<std::string> names = manifest_file_names(objects);
    for (std::size_t i = 0; i < objects.size(); ++i) write_file(folder + "/" + names[i], doc::write_yaml(objects[i]));
}

}  // namespace gitops::cli
