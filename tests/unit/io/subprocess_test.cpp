#include "core/io/subprocess.hpp"

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using io::run_subprocess;
using io::Subprocess;
using test::TempDir;
using test::thrown;

namespace {

Subprocess shell(const std::string& script) {
    Subprocess subprocess;
    subprocess.program = "/bin/sh";
    subprocess.arguments = {"-c", script};
    subprocess.environment = {"PATH=/usr/bin:/bin"};
    return subprocess;
}

}  // namespace

TEST_CASE("a program's output, errors and status come back") {
    const auto result = run_subprocess(shell("echo out; echo err >&2; cat; exit 3"), {});
    CHECK(result.out == "out\n");
    CHECK(result.err == "err\n");
    CHECK(result.status == 3);
    CHECK(run_subprocess(shell("kill -9 $$"), {}).status == 137);
}

TEST_CASE("a program reads its input, as much of it as it likes") {
    Subprocess reader = shell("cat");
    reader.input = std::string(500'000, 'x') + "\n";
    CHECK(run_subprocess(reader, {}).out == reader.input);
    Subprocess by_name = shell("read line < /dev/stdin; echo \"got $line\"");
    by_name.input = "one\ntwo\n";
    CHECK(run_subprocess(by_name, {}).out == "got one\n");
    Subprocess deaf = shell("exec <&-; echo done");
    deaf.input = std::string(500'000, 'x');
    CHECK(run_subprocess(deaf, {}).out == "done\n");
}

TEST_CASE("of long errors the end is kept") {
    const auto result = run_subprocess(shell("yes | head -c 1000000 >&2; printf last >&2"), {});
    CHECK(result.err.size() <= 2 * 64 * 1024 + 16384);
    CHECK(result.err.ends_with("y\nlast"));
}

TEST_CASE("a program that takes too long or says too much is ended") {
    Subprocess slow = shell("sleep 600");
    slow.patience = base::Duration(50);
    CHECK(thrown([&] { run_subprocess(slow, {}); }).message() == "/bin/sh did not end within 50ms");
    Subprocess silent = shell("exec >&- 2>&-; sleep 600");
    silent.patience = base::Duration(50);
    CHECK(thrown([&] { run_subprocess(silent, {}); }).message() == "/bin/sh did not end within 50ms");
    Subprocess loud = shell("yes");
    loud.most_output = 10;
    CHECK(thrown([&] { run_subprocess(loud, {}); }).message() == "/bin/sh said more than 10 bytes");
}

TEST_CASE("what a program leaves running is not waited for") {
    TempDir folder;
    Subprocess leaving = shell("sleep 60 & echo $! > '" + (folder / "pid") + "'; echo done");
    leaving.patience = base::Duration(20'000);
    CHECK(run_subprocess(leaving, {}).out == "done\n");
    run_subprocess(shell("kill $(cat '" + (folder / "pid") + "')"), {});
}

TEST_CASE("a program that is not there cannot be started") {
    Subprocess missing = shell("");
    missing.program = "/nowhere/x";
    const auto error = thrown([&] { run_subprocess(missing, {}); });
    CHECK(error.code() == base::Code::not_found);
    CHECK(error.message() == "cannot run /nowhere/x: No such file or directory");
}
