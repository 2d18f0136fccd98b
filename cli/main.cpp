#include "cli/root.hpp"

int main(int argc, char** argv) {
    std::vector<std::string> words;
    for (int i = 1; i < argc; ++i) words.emplace_back(argv[i]);
    return gitops::cli::run_command_line(words);
}
