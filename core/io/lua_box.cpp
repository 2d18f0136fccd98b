// The libraries a script gets, and what is taken out of them. No object with a destructor may live here across a call into
// Lua: an error of Lua jumps over it.
#include <ctime>
#include <lua.hpp>

#include "core/io/lua_run.hpp"

namespace gitops::io {

namespace {

/// What loads code, reaches other environments or threads, tells of memory, or prints.
constexpr const char* k_out_of_the_box[] = {"dofile",   "load",    "loadfile", "loadstring",     "require", "module",
                                            "package",  "newproxy", "getfenv", "setfenv",        "gcinfo",  "collectgarbage",
                                            "coroutine"};

int print_nothing(lua_State*) { return 0; }

/// An address would be another one in every run.
int text_of(lua_State* state) {
    luaL_checkany(state, 1);
    if (luaL_callmeta(state, 1, "__tostring") != 0) return 1;
    switch (lua_type(state, 1)) {
        case LUA_TNUMBER: lua_pushstring(state, lua_tostring(state, 1)); break;
        case LUA_TSTRING: lua_pushvalue(state, 1); break;
        case LUA_TBOOLEAN: lua_pushstring(state, lua_toboolean(state, 1) != 0 ? "true" : "false"); break;
        default: lua_pushstring(state, luaL_typename(state, 1));
    }
    return 1;
}

/// An end that was ordered from outside is no error a script may catch.
int answer_of_call(lua_State* state, int outcome) {
    if (outcome != 0 && lua_run_of(state).stopped) return lua_error(state);
    lua_pushboolean(state, outcome == 0 ? 1 : 0);
    lua_insert(state, 1);
    return lua_gettop(state);
}

int protected_call(lua_State* state) {
    luaL_checkany(state, 1);
    return answer_of_call(state, lua_pcall(state, lua_gettop(state) - 1, LUA_MULTRET, 0));
}

/// The handler runs after the call is over: inside it, it would run where no hook looks, were the error one that ends it.
int protected_call_with_handler(lua_State* state) {
    luaL_checkany(state, 2);
    lua_settop(state, 2);
    lua_insert(state, 1);
    const int outcome = lua_pcall(state, 0, LUA_MULTRET, 0);
    if (outcome == 0) lua_remove(state, 1);
    if (outcome == 0 || lua_run_of(state).stopped) return answer_of_call(state, outcome);
    lua_call(state, 1, 1);
    return answer_of_call(state, outcome);
}

/// Whether the element at one index of the table at stack place 1 is to stand before another's.
bool is_before(lua_State* state, int left, int right) {
    lua_spend(state, 1);
    const bool has_order = lua_gettop(state) >= 2 && lua_isfunction(state, 2) != 0;
    if (has_order) lua_pushvalue(state, 2);
    lua_rawgeti(state, 1, left);
    lua_rawgeti(state, 1, right);
    bool before = false;
    if (has_order) {
        lua_call(state, 2, 1);
        before = lua_toboolean(state, -1) != 0;
        lua_pop(state, 1);
    } else {
        before = lua_lessthan(state, -2, -1) != 0;
        lua_pop(state, 2);
    }
    return before;
}

void swap_elements(lua_State* state, int left, int right) {
    lua_rawgeti(state, 1, left);
    lua_rawgeti(state, 1, right);
    lua_rawseti(state, 1, left);
    lua_rawseti(state, 1, right);
}

void sink(lua_State* state, int root, int count) {
    while (2 * root <= count) {
        int child = 2 * root;
        if (child < count && is_before(state, child, child + 1)) ++child;
        if (!is_before(state, root, child)) return;
        swap_elements(state, root, child);
        root = child;
    }
}

/// A heap sort: no order of elements makes it slow.
int sort_table(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    if (!lua_isnoneornil(state, 2)) luaL_checktype(state, 2, LUA_TFUNCTION);
    lua_settop(state, 2);
    const int count = static_cast<int>(lua_objlen(state, 1));
    for (int root = count / 2; root >= 1; --root) sink(state, root, count);
    for (int last = count; last > 1; --last) {
        swap_elements(state, 1, last);
        sink(state, 1, last - 1);
    }
    return 0;
}

std::time_t whole_seconds(base::Time time) {
    return static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

int number_in(lua_State* state, const char* name, int otherwise) {
    lua_getfield(state, 1, name);
    const int number = lua_isnumber(state, -1) != 0 ? static_cast<int>(lua_tointeger(state, -1)) : otherwise;
    lua_pop(state, 1);
    return number;
}

/// Everything is UTC: a script gives the same answer wherever it runs.
int time_now(lua_State* state) {
    if (lua_isnoneornil(state, 1)) {
        lua_pushnumber(state, static_cast<lua_Number>(whole_seconds(lua_run_of(state).clock.now())));
        return 1;
    }
    luaL_checktype(state, 1, LUA_TTABLE);
    std::tm parts{};
    parts.tm_sec = number_in(state, "sec", 0);
    parts.tm_min = number_in(state, "min", 0);
    parts.tm_hour = number_in(state, "hour", 12);
    parts.tm_mday = number_in(state, "day", 1);
    parts.tm_mon = number_in(state, "month", 1) - 1;
    parts.tm_year = number_in(state, "year", 1970) - 1900;
    lua_pushnumber(state, static_cast<lua_Number>(timegm(&parts)));
    return 1;
}

int table_of_date(lua_State* state, const std::tm& parts) {
    lua_createtable(state, 0, 9);
    const auto set = [&](const char* name, int number) {
        lua_pushinteger(state, number);
        lua_setfield(state, -2, name);
    };
    set("year", parts.tm_year + 1900);
    set("month", parts.tm_mon + 1);
    set("day", parts.tm_mday);
    set("hour", parts.tm_hour);
    set("min", parts.tm_min);
    set("sec", parts.tm_sec);
    set("wday", parts.tm_wday + 1);
    set("yday", parts.tm_yday + 1);
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "isdst");
    return 1;
}

int date_text(lua_State* state) {
    const char* format = luaL_optstring(state, 1, "%c");
    if (*format == '!') ++format;
    const auto seconds = lua_isnoneornil(state, 2) ? whole_seconds(lua_run_of(state).clock.now())
                                                   : static_cast<std::time_t>(luaL_checknumber(state, 2));
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr) return lua_pushnil(state), 1;
    if (format[0] == '*' && format[1] == 't') return table_of_date(state, parts);
    char text[256];
    const auto length = std::strftime(text, sizeof text, format, &parts);
    if (length == 0 && *format != '\0') return luaL_error(state, "the date's text is too long");
    lua_pushlstring(state, text, length);
    return 1;
}

int seconds_so_far(lua_State* state) {
    const auto& run = lua_run_of(state);
    lua_pushnumber(state, static_cast<lua_Number>((run.clock.now() - run.begin).count()) / 1000);
    return 1;
}

void open_library(lua_State* state, const char* name, lua_CFunction open) {
    lua_pushcfunction(state, open);
    lua_pushstring(state, name);
    lua_call(state, 1, 0);
}

void set_in(lua_State* state, const char* library, const char* name, lua_CFunction function) {
    lua_getglobal(state, library);
    if (function == nullptr) lua_pushnil(state);
    else lua_pushcfunction(state, function);
    lua_setfield(state, -2, name);
    lua_pop(state, 1);
}

}  // namespace

void lua_open_clock(lua_State* state) {
    const luaL_Reg functions[] = {{"time", time_now}, {"date", date_text}, {"clock", seconds_so_far}, {nullptr, nullptr}};
    luaL_register(state, "os", functions);
    lua_pop(state, 1);
}

void lua_open_box(lua_State* state) {
    open_library(state, "", luaopen_base);
    open_library(state, LUA_TABLIBNAME, luaopen_table);
    open_library(state, LUA_STRLIBNAME, luaopen_string);
    open_library(state, LUA_MATHLIBNAME, luaopen_math);
    lua_open_strings(state);
    lua_open_clock(state);
    for (const char* name : k_out_of_the_box) {
        lua_pushnil(state);
        lua_setglobal(state, name);
    }
    lua_register(state, "print", print_nothing);
    lua_register(state, "tostring", text_of);
    lua_register(state, "pcall", protected_call);
    lua_register(state, "xpcall", protected_call_with_handler);
    set_in(state, "table", "sort", sort_table);
    set_in(state, "math", "random", nullptr);
    set_in(state, "math", "randomseed", nullptr);
}

}  // namespace gitops::io
