#include "cli/scratch_folder.hpp"

#include <cstdlib>
#include <filesystem>

#include "cli/output/manifest_files.hpp"
#include "core/base/error.hpp"
#include "core/base/source.hpp"

namespace gitops::cli {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

ScratchFolder::ScratchFolder() : ScratchFolder(fs::temp_directory_path().string()) {}

ScratchFolder::ScratchFolder(const std::string& parent) : m_path(parent + "/gitopsctl-XXXXXX") {
    if (mkdtemp(m_path.data()) == nullptr) throw Error(Code::unavailable, "no temporary folder can be made in " + parent);
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

void ScratchFolder::write(const std::string& path, std::string_view bytes) const {
    if (path.empty() || base::normalise_path(path) != path) throw Error(Code::denied, "'" + path + "' is no path to write to");
    const std::string whole = m_path + "/" + path;
    std::error_code problem;
    fs::create_directories(fs::path(whole).parent_path(), problem);
    if (problem) throw Error(Code::unavailable, "cannot make the folder of " + whole + ": " + problem.message());
    write_file(whole, bytes);
}

}  // namespace gitops::cli
