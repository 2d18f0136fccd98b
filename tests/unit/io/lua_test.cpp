// Scripts in the box: what they may do, and everything hostile we could think of.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "core/io/lua.hpp"

using namespace gitops;
using io::LuaNode;

namespace {

constexpr std::string_view k_wanted[] = {"status", "message"};

/// {metadata: {name: "web", generation: 3}, items: ["a", true]}
const std::vector<LuaNode> k_object{
    {.kind = LuaNode::Kind::map, .children = 2},
    {.kind = LuaNode::Kind::map, .key = "metadata", .children = 2},
    {.kind = LuaNode::Kind::text, .key = "name", .text = "web"},
    {.kind = LuaNode::Kind::number, .key = "generation", .number = 3},
    {.kind = LuaNode::Kind::list, .key = "items", .children = 2},
    {.kind = LuaNode::Kind::text, .text = "a"},
    {.kind = LuaNode::Kind::flag, .number = 1},
};

/// Ended by what it does, and not by how long that takes here.
io::LuaLimits few_steps() { return {.bytes = 16UL << 20, .time = base::Duration(60'000), .steps = 20'000'000}; }

std::string told(const io::LuaAnswer& answer) {
    switch (answer.kind) {
        case io::LuaAnswer::Kind::nothing: return "nothing";
        case io::LuaAnswer::Kind::fields: return answer.fields[0] + "|" + answer.fields[1];
        case io::LuaAnswer::Kind::other: return "a " + answer.text;
        case io::LuaAnswer::Kind::failed: return "failed: " + answer.text;
    }
    return {};
}

std::string run(const std::string& script, const io::LuaLimits& limits = few_steps()) {
    const base::SystemClock clock;
    return told(io::run_lua(script, "health.lua", k_object, k_wanted, clock, limits));
}

/// What an expression is, as text.
std::string value(const std::string& expression) {
    return run("local v = " + expression + " return {status = tostring(v), message = type(v)}");
}

/// The same for a script that must be stopped: that the test goes on says that it was.
std::string stopped(const std::string& script) { return run(script); }

const std::string k_too_long = "failed: it was stopped: it takes longer than 1m";

}  // namespace

TEST_CASE("a script sees the object and answers with a table", "[lua]") {
    CHECK(run("return {status = obj.metadata.name, message = obj.items[1] .. #obj.items}") == "web|a2");
    CHECK(run("hs = {} hs.status = 'Healthy' return hs") == "Healthy|");
    CHECK(run("if obj.items[2] == true and obj.metadata.generation == 3 then return {status = 'yes'} end") == "yes|");
    CHECK(run("return {status = 5, message = {}}") == "5|");
    CHECK(run("return nil") == "nothing");
    CHECK(run("") == "nothing");
    CHECK(run("return 'Healthy'") == "a string");
    CHECK(run("return obj.nothing.deeper") == "failed: health.lua:1: attempt to index field 'nothing' (a nil value)");
    CHECK(run("return {") == "failed: health.lua:1: unexpected symbol near '<eof>'");
    CHECK(run("return {status = string.rep('x', 20000)}").size() == io::k_max_lua_text + 1);
}

TEST_CASE("what scripts of Argo CD use is there", "[lua]") {
    CHECK(value("string.match('2024-10-09T10:13:00Z', '(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z')") == "2024|string");
    CHECK(value("string.find('Provisioning pods', '^Provisioning')") == "1|number");
    CHECK(value("('ERROR, no key'):gsub('ERROR, ', '')") == "no key|string");
    CHECK(value("string.format('%d/%d', 1, 2)") == "1/2|string");
    CHECK(value("string.sub('abcdef', 1, 3) .. string.upper('x') .. string.len('ab')") == "abcX2|string");
    CHECK(value("table.concat({'a', 'b'}, ', ') .. table.getn({1, 2})") == "a, b2|string");
    CHECK(value("tonumber('12') + math.huge") == "inf|number");
    CHECK(value("os.time({year=2024, month=10, day=9, hour=10, min=13, sec=0})") == "1728468780|number");
    CHECK(value("os.date('!%Y-%m-%dT%H:%M:%SZ', 1728468780)") == "2024-10-09T10:13:00Z|string");
    CHECK(value("os.date('*t', 0).year") == "1970|number");
    CHECK(value("type(os.time()) .. type(os.clock())") == "numbernumber|string");
    CHECK(run("local t = {} for k in pairs({a = 1, b = 2, c = 3}) do table.insert(t, k) end table.sort(t) "
              "return {status = table.concat(t)}") == "abc|");
    CHECK(run("local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return {status = table.concat(t)}") == "321|");
    CHECK(run("print('x') return {status = 'quiet'}") == "quiet|");
    CHECK(run("local ok, why = pcall(error, 'caught') return {status = tostring(ok), message = why}") == "false|caught");
    CHECK(run("local ok, why = xpcall(function() error('x', 0) end, function(m) return m .. '!' end) "
              "return {status = tostring(ok), message = why}") == "false|x!");
    CHECK(run("return setmetatable({}, {__index = function() return 'all' end})") == "|");  // fields are read as they are
}

TEST_CASE("patterns of Lua", "[lua]") {
    CHECK(value("('key = value'):match('^(%w+)%s*=%s*(%w+)$')") == "key|string");
    CHECK(value("('f(a(b)c)d'):match('%b()')") == "(a(b)c)|string");
    CHECK(value("('THE (quick) fox'):find('%((%a+)%)')") == "5|number");
    CHECK(value("('x'):rep(3) .. ('abc'):gsub('%w', '%0%0')") == "xxxaabbcc|string");
    CHECK(value("('hello world'):gsub('o', {o = '0'})") == "hell0 w0rld|string");
    CHECK(value("('hello'):gsub('l+', function(l) return #l end)") == "he2o|string");
    CHECK(value("('abc'):gsub('', '-')") == "-a-b-c-|string");
    CHECK(value("select('#', ('a,b,c'):gsub(',', ';'))") == "2|number");
    CHECK(value("('[]]'):match('[]]+')") == "]]|string");
    CHECK(value("('a-b_c'):match('[%w_-]+')") == "a-b_c|string");
    CHECK(value("('aXb'):match('[^a-z]')") == "X|string");
    CHECK(value("('aa bb'):match('(%a)%1')") == "a|string");
    CHECK(value("('ab'):find('b', 1, true)") == "2|number");
    CHECK(value("('a.b'):find('.', 2, true)") == "2|number");
    CHECK(value("('abc'):find('b', -1)") == "nil|nil");
    CHECK(value("('abc'):match('()c')") == "3|number");
    CHECK(value("('<<a>>'):match('<(.-)>')") == "<a|string");
    CHECK(value("('THE (quick) fox'):match('%f[%a]%a+%f[%A]', 2)") == "quick|string");
    CHECK(run("local t = {} for k, v in string.gmatch('a=1, b=2', '(%w+)=(%w+)') do t[#t + 1] = k .. v end "
              "return {status = table.concat(t, ';')}") == "a1;b2|");
    CHECK(run("local n = 0 for _ in ('abc'):gmatch('') do n = n + 1 end return {status = n}") == "4|");
    CHECK(run("return ('a'):match('[a')") == "failed: health.lua:1: malformed pattern");
    CHECK(run("return ('a'):match('(a')") == "failed: health.lua:1: malformed pattern");
    CHECK(run("return ('a'):match('%')") == "failed: health.lua:1: malformed pattern");
    CHECK(run("return ('a'):match('a)')") == "failed: health.lua:1: malformed pattern");
    CHECK(run("return ('a'):gsub('a', '%2')") == "failed: health.lua:1: invalid capture index");
    CHECK(run("return ('a'):match(('(a?)'):rep(40))") == "failed: health.lua:1: too many captures in a pattern");
    CHECK(run("return ('a'):rep(500):match(('a?'):rep(500))") == "failed: health.lua:1: pattern too complex");
}

TEST_CASE("goto, where it goes on with a loop", "[lua]") {
    CHECK(run("local t = {} for i = 1, 5 do if i % 2 == 0 then goto continue end t[#t + 1] = i ::continue:: end "
              "return {status = table.concat(t)}") == "135|");
    CHECK(run("local t = {} for i = 1, 5 do if i > 0 then if i == 2 then goto next end t[#t + 1] = i ::next:: end end "
              "return {status = table.concat(t)}") == "1345|");  // the label ends a block inside the loop
    CHECK(run("local t = {} for i = 1, 5 do if i == 2 then goto continue elseif i == 4 then break end t[#t + 1] = i ::continue:: "
              "end return {status = table.concat(t)}") == "13|");
    CHECK(run("local t = {} for i = 1, 3 do for j = 1, 3 do if j == 2 then break end t[#t + 1] = j end if i == 2 then goto c end "
              "t[#t + 1] = 'x' ::c:: end return {status = table.concat(t)}") == "1x11x|");
    CHECK(run("local i = 0 while i < 3 do i = i + 1 if i == 1 then goto c end do goto c end ::c:: end return {status = i}") == "3|");
    CHECK(run("for _, x in ipairs(obj.items) do if x then return {status = 'early'} end goto c ::c:: end") == "early|");
    CHECK(run("-- goto continue ::continue::\nlocal s = 'goto a ::a::' return {status = s}") == "goto a ::a::|");
    CHECK(run("local t = {goto_ = 1} return {status = t.goto_}") == "1|");
    CHECK(run("for i = 1, 2 do\nif i then goto c end\nerror('line 3')\n::c::\nend\nerror('line 6')") ==
          "failed: health.lua:6: line 6");
    CHECK(run("for i = 1, 2 do for j = 1, 2 do goto outer end ::outer:: end").starts_with("failed: health.lua:1: "));
    CHECK(run("::top:: goto top").starts_with("failed: health.lua:1: "));
}

TEST_CASE("nothing in the box leads out of it", "[lua][hostile]") {
    for (const auto* name : {"io", "require", "module", "package", "load", "loadstring", "loadfile", "dofile", "newproxy", "debug",
                             "getfenv", "setfenv", "collectgarbage", "gcinfo", "coroutine", "jit"})
        CHECK(value(name) == "nil|nil");
    for (const auto* name : {"os.execute", "os.exit", "os.getenv", "os.remove", "os.rename", "os.tmpname", "os.setlocale",
                             "string.dump", "math.random", "math.randomseed"})
        CHECK(value(name) == "nil|nil");
    CHECK(run("return os.execute('true')") == "failed: health.lua:1: attempt to call field 'execute' (a nil value)");
    CHECK(run(std::string("\x1bLua\x51\0\1\4", 8)) == "failed: health.lua: it is compiled code, not text");
    CHECK(value("{}") == "table|table");  // no address, which would differ from run to run
    CHECK(value("print") == "function|function");
}

TEST_CASE("a run leaves nothing behind", "[lua][hostile]") {
    CHECK(run("obj.metadata.name = 'changed' string.find = nil getmetatable('').__index = nil left = 1 return {status = 'x'}") ==
          "x|");
    CHECK(run("return {status = obj.metadata.name .. tostring(left) .. ('ab'):find('b')}") == "webnil2|");
}

TEST_CASE("a script that does not end is ended", "[lua][hostile]") {
    CHECK(stopped("while true do end") == k_too_long);
    CHECK(stopped("while true do pcall(function() while true do end end) end") == k_too_long);
    CHECK(stopped("local function f() pcall(f) f() end f()").starts_with("failed: "));
    CHECK(stopped("while true do xpcall(function() while true do end end, function() while true do end end) end") == k_too_long);
    CHECK(stopped("local f f = function() return f() end f()") == k_too_long);  // a tail call needs no stack
    CHECK(stopped("repeat local ok = pcall(error) until false") == k_too_long);
    CHECK(stopped("for i = 1, math.huge do end") == k_too_long);
    CHECK(stopped("local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] end return t[1]")
              .starts_with("failed: "));
    CHECK(stopped("('x'):rep(1000):gsub('x', function() while true do end end)") == k_too_long);
    CHECK(stopped("table.sort({1, 2, 3}, function() while true do end end)") == k_too_long);
}

TEST_CASE("what C does for a script is bounded, too", "[lua][hostile]") {
    CHECK(stopped("return ('a'):rep(100000):find(('a*'):rep(50) .. 'b')") == k_too_long);
    CHECK(stopped("return pcall(string.find, ('a'):rep(100000), ('a-'):rep(50) .. 'b')") == k_too_long);
    CHECK(stopped("return ('a'):rep(30000):gsub(('a?'):rep(60) .. ('a'):rep(60) .. 'b', '')") == k_too_long);
    CHECK(stopped("return ('x'):rep(5000000):find(('x'):rep(2000000) .. 'y', 1, true)") ==
          "failed: health.lua:1: the texts are too long to be searched");
    CHECK(stopped("return (''):rep(2000000000)") == "a string");
    CHECK(stopped("return ('x'):rep(2000000000)") == "failed: health.lua:1: the repeated text is too long");
    CHECK(stopped("local t = {} for i = 1, 300000 do t[i] = i % 977 end while true do table.sort(t) end") == k_too_long);
    CHECK(stopped("return unpack({}, 1, 1e8)").starts_with("failed: "));
    CHECK(stopped("return string.byte(('x'):rep(1000000), 1, -1)").starts_with("failed: "));
}

TEST_CASE("a script that takes all memory is ended", "[lua][hostile]") {
    const std::string too_much = "failed: it was stopped: it needs more than 16 MiB";
    CHECK(stopped("local t = {} while true do t[#t + 1] = ('x'):rep(10000) .. #t end") == too_much);
    CHECK(stopped("local s = 'x' while true do s = s .. s end") == too_much);
    CHECK(stopped("local t = {} while true do t = {t} end").starts_with("failed: "));
    CHECK(stopped("local s = 'x' while true do pcall(function() s = s .. s end) end") == k_too_long);
    CHECK(stopped("return {status = table.concat(setmetatable({}, {}), 'x', 1, 1e9)}").starts_with("failed: "));
}

TEST_CASE("depth is bounded", "[lua][hostile]") {
    CHECK(stopped("local function f() return 1 + f() end return f()").starts_with("failed: "));
    CHECK(stopped("local function f() local ok, e = pcall(f) return e end return {status = 'x', message = tostring(f() ~= nil)}")
              .starts_with("x|"));
    CHECK(stopped("local t = {} setmetatable(t, {__index = t}) return t.x").starts_with("failed: "));
    CHECK(stopped("local function f(x) return (x:gsub('a', f)) end return {status = f('a')}").starts_with("failed: "));
    CHECK(stopped("return " + std::string(100'000, '(') + "1" + std::string(100'000, ')')).starts_with("failed: "));
    CHECK(stopped("return " + std::string(100'000, '{') + std::string(100'000, '}')).starts_with("failed: "));
    std::vector<LuaNode> deep(1000, LuaNode{.kind = LuaNode::Kind::list, .children = 1});
    deep.back().children = 0;
    const base::SystemClock clock;
    CHECK(told(io::run_lua("return nil", "x", deep, k_wanted, clock)) == "failed: the object is nested too deeply");
}

TEST_CASE("errors of any kind are told", "[lua][hostile]") {
    CHECK(run("error('no')") == "failed: health.lua:1: no");
    CHECK(run("error({code = 1})") == "failed: it ended with an error that is a table");
    CHECK(run("error()") == "failed: it ended with an error that is a nil");
    CHECK(run("error(setmetatable({}, {__tostring = function() while true do end end}))") ==
          "failed: it ended with an error that is a table");
    CHECK(run("error(('x'):rep(100000), 0)").size() == 8 + io::k_max_lua_text);
}

TEST_CASE("the clock stops a script", "[lua][hostile]") {
    const io::LuaLimits short_time{.bytes = 16UL << 20, .time = base::Duration(50), .steps = 1'000'000'000'000};
    CHECK(run("while true do end", short_time) == "failed: it was stopped: it takes longer than 50ms");
    CHECK(run("return ('a'):rep(100000):find(('a*'):rep(50) .. 'b')", short_time) ==
          "failed: it was stopped: it takes longer than 50ms");
}

TEST_CASE("a script that the clock does not stop is stopped by its steps", "[lua][hostile]") {
    const base::ManualClock clock{base::Time{}};
    const io::LuaLimits few{.bytes = 16UL << 20, .time = base::Duration(1000), .steps = 1'000'000};
    CHECK(told(io::run_lua("while true do end", "x", k_object, k_wanted, clock, few)) ==
          "failed: it was stopped: it takes longer than 1s");
}
