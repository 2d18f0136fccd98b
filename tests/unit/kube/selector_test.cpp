#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/kube/selector.hpp"
#include "tests/unit/kube/fixture.hpp"

using gitops::kube::Selector;
using gitops::kube_test::yaml;

namespace {

bool selects(std::string_view selector, std::string_view labels) { return Selector::parse(selector).matches(yaml(labels)); }

std::string refusal(std::string_view selector) {
    try {
        Selector::parse(selector);
        return "legal";
    } catch (const gitops::base::Error& error) {
        return error.message();
    }
}

}  // namespace

TEST_CASE("selectors in kubectl's text form") {
    const char* labels = "{app: web, env: prod, empty: ''}";
    CHECK(selects("", labels));
    CHECK(selects("app=web,env==prod", labels));
    CHECK_FALSE(selects("app=db", labels));
    CHECK(selects("app!=db,missing!=x", labels));
    CHECK(selects(" env in (dev, prod) , app notin (db)", labels));
    CHECK(selects("missing notin (a)", labels));
    CHECK_FALSE(selects("missing in (a)", labels));
    CHECK(selects("app,!missing", labels));
    CHECK_FALSE(selects("!app", labels));
    CHECK(selects("empty=", labels));
    CHECK_FALSE(Selector::parse("app=web").matches({}));
    CHECK(Selector::parse("").empty());
}

TEST_CASE("a malformed selector is refused") {
    CHECK(refusal("=a") == "\"=a\" is not a label selector: a label name is missing");
    CHECK(refusal("a in b") == "\"a in b\" is not a label selector: 'in' and 'notin' need values in parentheses");
    CHECK(refusal("a in (b") == "\"a in (b\" is not a label selector: a ')' is missing");
    CHECK(refusal("a near b") == "\"a near b\" is not a label selector: \"near\" is no operator");
    CHECK(refusal("a=b)") == "\"a=b)\" is not a label selector: something follows its end");
    CHECK(refusal("a,") == "\"a,\" is not a label selector: a label name is missing");
}

TEST_CASE("selectors of objects") {
    const auto selector = Selector::from_value(yaml(R"(
matchLabels: {app: web}
matchExpressions:
- {key: env, operator: In, values: [prod, dev]}
- {key: tier, operator: NotIn, values: [cache]}
- {key: app, operator: Exists}
- {key: legacy, operator: DoesNotExist}
)"));
    CHECK(selector.matches(yaml("{app: web, env: dev}")));
    CHECK_FALSE(selector.matches(yaml("{app: web, env: dev, legacy: x}")));
    CHECK_FALSE(selector.matches(yaml("{app: web}")));
    CHECK(Selector::from_value(yaml("{app: web}")).matches(yaml("{app: web, x: y}")));
    CHECK_FALSE(Selector::from_value(yaml("{app: web}")).matches(yaml("{app: db}")));
    CHECK(Selector::from_value({}).empty());
    CHECK_THROWS_AS(Selector::from_value(yaml("{matchExpressions: [{key: a, operator: Near}]}")), gitops::base::Error);
}
