#include "cli/output/terminal.hpp"
#include "cli/root.hpp"

int main(int argc, char** argv) {
    gitops::cli::open_standard_streams();
    std::vector<std::string> words;
    for (int i = 1; i < argc; ++i) words.emplace_back(argv[i]);
    return gitops::cli::run_command_line(words);
}
