#include "cli/input.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "core/base/error.hpp"
#include "core/base/source.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string read_all(std::FILE* file, const std::string& name) {
    std::string bytes;
    char block[1 << 16];
    while (const std::size_t count = std::fread(block, 1, sizeof block, file)) {
        bytes.append(block, count);
        if (bytes.size() > base::k_max_file_bytes) throw Error(Code::invalid, name + " is larger than 64 MiB");
    }
    if (std::ferror(file) != 0) throw Error(Code::unavailable, "cannot read " + name + ": " + std::strerror(errno));
    return bytes;
}

bool is_json(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    return start != std::string_view::npos && text[start] == '{';
}

bool is_list(const doc::Value& object) {
    const doc::Value* items = object.find("items");
    return items != nullptr && items->is_list() && kube::kind_of(object).ends_with("List");
}

/// False when there was no document at all; a List without items is one.
bool add_documents(std::string_view text, const std::string& file, doc::DuplicateKeys duplicates, std::vector<kube::Manifest>& objects) {
    std::vector<doc::Value> documents;
    doc::YamlOptions options;
    options.file = file;
    options.duplicates = duplicates;
    if (is_json(text)) {
        try {
            documents.push_back(doc::read_json(text, file));
        } catch (const Error&) {
            documents = doc::read_yaml(text, options);  // flow style YAML, or several documents
        }
    } else {
        documents = doc::read_yaml(text, options);
    }
    for (doc::Value& document : documents) {
        if (!is_list(document)) {
            objects.push_back({std::move(document), file});
            continue;
        }
        for (const doc::Value& item : document.find("items")->items()) objects.push_back({item, file});
    }
    return !documents.empty();
}

bool is_manifest_name(const std::filesystem::path& path) {
    const std::string extension = path.extension().string();
    return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

std::vector<std::string> manifest_files(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code problem;
    for (std::filesystem::directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        if (is_manifest_name(entry->path()) && entry->is_regular_file(problem))
            files.push_back(entry->path().string());
    }
    if (problem) throw Error(Code::unavailable, "cannot read folder " + folder + ": " + problem.message());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

std::string read_input(const std::string& path) {
    if (path == "-") return read_all(stdin, "standard input");
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        throw Error(errno == ENOENT ? Code::not_found : Code::denied,
                    "cannot read " + path + ": " + std::strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) throw Error(Code::invalid, path + " is a folder, expected a file");
    // A pipe made by the shell, <(...), is fine; a device could be without end.
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode) && path != "/dev/stdin") {
        throw Error(Code::denied, path + " is no regular file");
    }
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
    if (!file) throw Error(Code::denied, "cannot read " + path + ": " + std::strerror(errno));
    return read_all(file.get(), path);
}

std::vector<kube::Manifest> read_objects(const std::string& path, doc::DuplicateKeys duplicates) {
    std::vector<kube::Manifest> objects;
    bool any = false;
    std::error_code problem;
    if (path != "-" && std::filesystem::is_directory(path, problem)) {
        for (const std::string& file : manifest_files(path))
            any = add_documents(read_input(file), file, duplicates, objects) || any;
    } else {
        any = add_documents(read_input(path), path == "-" ? "standard input" : path, duplicates, objects);
    }
    if (!any) throw Error(Code::invalid, "no objects in " + (path == "-" ? "standard input" : path));
    return objects;
}

}  // namespace gitops::cli
