// Exec plugins that are little shell scripts in a folder of their own.
#pragma once

#include <filesystem>
#include <string>

#include "core/backend/kubeconfig.hpp"
#include "tests/support/temp_dir.hpp"

namespace gitops::test {

/// A folder with a plugin; "runs" in it gets one letter per run.
struct PluginFolder {
    TempDir folder;

    std::string write_script(const std::string& name, const std::string& script) const {
        const std::string path = folder.write(name, "#!/bin/sh\nprintf x >> '" + (folder / "runs") + "'\n" + script);
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }
    backend::KubeAccess access(const std::string& script) const {
        write_script("login", script);
        backend::KubeAccess access;
        access.server = "https://api.example.com:6443";
        access.exec = backend::ExecPlugin{};
        access.exec->api_version = "client.authentication.k8s.io/v1";
        access.exec->command = "./login";
        access.exec->interactive_mode = "Never";
        access.exec->folder = folder.path();
        return access;
    }
    std::size_t runs() const { return folder.read("runs").size(); }
};

/// A script that prints a credential with this status.
inline std::string prints(const std::string& status) {
    return "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{" + status +
           "}}'\n";
}

/// What the plugins are started with.
inline std::vector<std::string> plugin_environment() { return {"PATH=/usr/bin:/bin", "LANG=C", "TEAM=blue"}; }

}  // namespace gitops::test
