#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace gitops::test {

struct ProcessResult {
    int status = 0;  ///< exit code; 128 + signal when it was killed
    std::string out;
    std::string err;
};

/// A running program whose output goes to files in a folder of its own. Killed at the end of its life.
class Process {
  public:
    /// `environment` is the whole one; `directory` the working directory.
    Process(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
            const std::string& directory, const std::string& output_prefix);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void kill_hard() const;  ///< SIGKILL
    void signal(int number) const;
    ProcessResult wait();

  private:
    pid_t m_pid = -1;
    std::string m_output_prefix;
};

}  // namespace gitops::test
