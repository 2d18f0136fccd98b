// string.find, match, gmatch, gsub and rep in bounded steps. No object with a destructor may live here across a call into
// Lua: an error of Lua jumps over it.
#include <algorithm>
#include <lua.hpp>
#include <string_view>

#include "core/io/lua_pattern.hpp"
#include "core/io/lua_run.hpp"

namespace gitops::io {

namespace {

constexpr std::uint64_t k_steps_of_a_match = 20'000'000;
constexpr std::uint64_t k_plain_search_bound = 1'000'000'000;  ///< length of the text times that of what is looked for

std::string_view text_argument(lua_State* state, int index) {
    std::size_t length = 0;
    const char* text = luaL_checklstring(state, index, &length);
    return {text, length};
}

/// How much one match may do: while it runs, nobody looks at the clock.
std::uint64_t grant(lua_State* state) { return std::min(lua_run_of(state).steps_left(), k_steps_of_a_match); }

/// Counts what the pattern did, and raises its trouble.
void settle(lua_State* state, const LuaPattern& pattern, std::uint64_t granted) {
    lua_spend(state, granted - pattern.steps_left());
    switch (pattern.trouble()) {
        case LuaPattern::Trouble::none: return;
        case LuaPattern::Trouble::malformed: luaL_error(state, "malformed pattern"); return;
        case LuaPattern::Trouble::too_many_captures: luaL_error(state, "too many captures in a pattern"); return;
        case LuaPattern::Trouble::too_complex: luaL_error(state, "pattern too complex"); return;
        case LuaPattern::Trouble::too_long:
            lua_run_of(state).stopped = true;
            luaL_error(state, "a pattern takes too long");
            return;
    }
}

void push_text(lua_State* state, std::string_view text) { lua_pushlstring(state, text.data(), text.size()); }

void push_capture(lua_State* state, const LuaPattern& pattern, std::size_t index, std::size_t begin, std::size_t end) {
    if (index == 0 && pattern.captures() == 0) return push_text(state, pattern.text(begin, end - begin));
    if (index >= pattern.captures()) {
        luaL_error(state, "invalid capture index");
        return;
    }
    const auto capture = pattern.capture(index);
    if (capture.length == LuaCapture::k_position) lua_pushnumber(state, static_cast<lua_Number>(capture.begin + 1));
    else push_text(state, pattern.text(capture.begin, capture.length));
}

/// All captures, or the whole match when the pattern has none; how many were pushed.
int push_captures(lua_State* state, const LuaPattern& pattern, std::size_t begin, std::size_t end) {
    const auto count = std::max<std::size_t>(pattern.captures(), 1);
    luaL_checkstack(state, static_cast<int>(count), "too many captures");
    for (std::size_t i = 0; i < count; ++i) push_capture(state, pattern, i, begin, end);
    return static_cast<int>(count);
}

/// The offset that Lua's `init` means: from 1, or from the end when negative; never past the end.
std::size_t offset_of(lua_State* state, int index, std::size_t length) {
    auto init = luaL_optinteger(state, index, 1);
    if (init < 0) init = std::max<lua_Integer>(init + static_cast<lua_Integer>(length), 0);
    else if (init > 0) --init;
    return std::min(static_cast<std::size_t>(init), length);
}

bool has_no_magic(std::string_view pattern) { return pattern.find_first_of("^$*+?.([%-") == std::string_view::npos; }

int find_plain(lua_State* state, std::string_view subject, std::string_view wanted, std::size_t from) {
    const auto work = static_cast<std::uint64_t>(subject.size()) * (wanted.size() + 1);
    if (work > k_plain_search_bound) return luaL_error(state, "the texts are too long to be searched");
    lua_spend(state, subject.size() / 8 + work / 64);
    const auto found = subject.find(wanted, from);
    if (found == std::string_view::npos) return lua_pushnil(state), 1;
    lua_pushnumber(state, static_cast<lua_Number>(found + 1));
    lua_pushnumber(state, static_cast<lua_Number>(found + wanted.size()));
    return 2;
}

enum class Wanted : std::uint8_t { place, text };

int search(lua_State* state, Wanted wanted) {
    const auto subject = text_argument(state, 1);
    auto rule = text_argument(state, 2);
    const auto from = offset_of(state, 3, subject.size());
    if (wanted == Wanted::place && (lua_toboolean(state, 4) != 0 || has_no_magic(rule)))
        return find_plain(state, subject, rule, from);
    const bool anchored = rule.starts_with('^');
    if (anchored) rule.remove_prefix(1);
    const auto granted = grant(state);
    LuaPattern pattern(subject, rule, granted);
    for (auto begin = from; begin <= subject.size(); ++begin) {
        if (const auto end = pattern.match_at(begin)) {
            settle(state, pattern, granted);
            if (wanted == Wanted::text) return push_captures(state, pattern, begin, *end);
            lua_pushnumber(state, static_cast<lua_Number>(begin + 1));
            lua_pushnumber(state, static_cast<lua_Number>(*end));
            return 2 + (pattern.captures() == 0 ? 0 : push_captures(state, pattern, begin, *end));
        }
        if (anchored || pattern.trouble() != LuaPattern::Trouble::none) break;
    }
    settle(state, pattern, granted);
    lua_pushnil(state);
    return 1;
}

int lua_find(lua_State* state) { return search(state, Wanted::place); }
int lua_match(lua_State* state) { return search(state, Wanted::text); }

/// Upvalues: the subject, the pattern, the offset to go on from.
int next_match(lua_State* state) {
    std::size_t subject_length = 0, rule_length = 0;
    const char* subject_text = lua_tolstring(state, lua_upvalueindex(1), &subject_length);
    const char* rule_text = lua_tolstring(state, lua_upvalueindex(2), &rule_length);
    const std::string_view subject{subject_text, subject_length};
    const auto granted = grant(state);
    LuaPattern pattern(subject, {rule_text, rule_length}, granted);
    for (auto begin = static_cast<std::size_t>(lua_tonumber(state, lua_upvalueindex(3))); begin <= subject.size(); ++begin) {
        const auto end = pattern.match_at(begin);
        if (pattern.trouble() != LuaPattern::Trouble::none) break;
        if (!end) continue;
        settle(state, pattern, granted);
        lua_pushnumber(state, static_cast<lua_Number>(*end == begin ? *end + 1 : *end));
        lua_replace(state, lua_upvalueindex(3));
        return push_captures(state, pattern, begin, *end);
    }
    settle(state, pattern, granted);
    return 0;
}

int lua_gmatch(lua_State* state) {
    text_argument(state, 1);
    text_argument(state, 2);
    lua_settop(state, 2);
    lua_pushnumber(state, 0);
    lua_pushcclosure(state, next_match, 3);
    return 1;
}

/// The replacement text, in which %0 to %9 stand for captures.
void add_text_replacement(lua_State* state, luaL_Buffer& buffer, const LuaPattern& pattern, std::size_t begin, std::size_t end) {
    std::size_t length = 0;
    const char* text = lua_tolstring(state, 3, &length);
    for (std::size_t i = 0; i < length; ++i) {
        if (text[i] != '%') {
            luaL_addchar(&buffer, text[i]);
        } else if (++i >= length || text[i] < '0' || text[i] > '9') {
            if (i < length) luaL_addchar(&buffer, text[i]);
        } else if (text[i] == '0') {
            luaL_addlstring(&buffer, pattern.text(begin, end - begin).data(), end - begin);
        } else {
            push_capture(state, pattern, static_cast<std::size_t>(text[i] - '1'), begin, end);
            luaL_addvalue(&buffer);
        }
    }
}

void add_replacement(lua_State* state, luaL_Buffer& buffer, const LuaPattern& pattern, std::size_t begin, std::size_t end) {
    const int type = lua_type(state, 3);
    if (type == LUA_TSTRING || type == LUA_TNUMBER) return add_text_replacement(state, buffer, pattern, begin, end);
    if (type == LUA_TTABLE) {
        push_capture(state, pattern, 0, begin, end);
        lua_gettable(state, 3);
    } else {
        lua_pushvalue(state, 3);
        lua_call(state, push_captures(state, pattern, begin, end), 1);
    }
    if (lua_toboolean(state, -1) == 0) {
        lua_pop(state, 1);
        push_text(state, pattern.text(begin, end - begin));
    } else if (lua_isstring(state, -1) == 0) {
        luaL_error(state, "invalid replacement value (a %s)", luaL_typename(state, -1));
        return;
    }
    luaL_addvalue(&buffer);
}

int lua_gsub(lua_State* state) {
    const auto subject = text_argument(state, 1);
    auto rule = text_argument(state, 2);
    const int type = lua_type(state, 3);
    luaL_argcheck(state, type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TTABLE || type == LUA_TFUNCTION, 3,
                  "string/function/table expected");
    const auto every = static_cast<lua_Number>(subject.size() + 1);
    const auto most = static_cast<std::size_t>(std::clamp(luaL_optnumber(state, 4, every), 0.0, every));
    const bool anchored = rule.starts_with('^');
    if (anchored) rule.remove_prefix(1);
    std::size_t at = 0, count = 0;
    luaL_Buffer buffer;
    luaL_buffinit(state, &buffer);
    while (count < most) {
        const auto granted = grant(state);
        LuaPattern pattern(subject, rule, granted);
        const auto end = pattern.match_at(at);
        settle(state, pattern, granted);
        if (end) {
            ++count;
            add_replacement(state, buffer, pattern, at, *end);
        }
        if (end && *end > at) at = *end;
        else if (at < subject.size()) luaL_addchar(&buffer, subject[at++]);
        else break;
        if (anchored) break;
    }
    luaL_addlstring(&buffer, subject.data() + at, subject.size() - at);
    luaL_pushresult(&buffer);
    lua_pushnumber(state, static_cast<lua_Number>(count));
    return 2;
}

int lua_rep(lua_State* state) {
    const auto text = text_argument(state, 1);
    const auto count = luaL_checkinteger(state, 2);
    if (count <= 0 || text.empty()) return lua_pushliteral(state, ""), 1;
    const auto times = static_cast<std::size_t>(count);
    if (times > lua_run_of(state).limits.bytes / text.size()) return luaL_error(state, "the repeated text is too long");
    lua_spend(state, times);
    luaL_Buffer buffer;
    luaL_buffinit(state, &buffer);
    for (std::size_t i = 0; i < times; ++i) luaL_addlstring(&buffer, text.data(), text.size());
    luaL_pushresult(&buffer);
    return 1;
}

}  // namespace

void lua_open_strings(lua_State* state) {
    lua_getglobal(state, "string");
    const luaL_Reg functions[] = {{"find", lua_find}, {"match", lua_match}, {"gmatch", lua_gmatch}, {"gfind", lua_gmatch},
                                  {"gsub", lua_gsub}, {"rep", lua_rep},     {nullptr, nullptr}};
    luaL_register(state, nullptr, functions);
    lua_pushnil(state);
    lua_setfield(state, -2, "dump");
    lua_pop(state, 1);
}

}  // namespace gitops::io
