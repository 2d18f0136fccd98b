// The story of the quickstart, told on a real cluster.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/kube/real_stage.hpp"

using namespace gitops::test;

REAL_CASE("the quickstart's story goes the same way on a real cluster", "[kube]") {
    const char* path = std::getenv("PATH");
    const auto folder = std::filesystem::path(GITOPSCTL_BINARY).parent_path().string();
    Process story({GITOPS_SOURCE_DIR "/examples/quickstart/story.sh", Stage::kubeconfig()},
                  {{"PATH", folder + ":" + (path == nullptr ? "" : path)}, {"HOME", stage.dir.path()}}, stage.dir.path(),
                  stage.dir / "story");
    const auto result = story.wait();
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(result.out.find("rollback") != std::string::npos);
    // The story ends with 2.8.0 again, in Git and in the cluster.
    const auto analyzer = stage.cluster().get({{"apps", "v1", "Deployment"}, "wafer-prod", "wafer-analyzer"});
    REQUIRE(analyzer);
    const auto& containers = analyzer->path("spec", "template", "spec", "containers")->items();
    CHECK(std::string(containers[0].text_at("image")).ends_with(":2.8.0"));
    stage.cluster().remove({{"", "v1", "Namespace"}, "", "wafer-prod"}, {});
}
