# bash completion of gitopsctl: asks the program itself. Install as
# /usr/share/bash-completion/completions/gitopsctl, or: source <(gitopsctl completion bash)
_gitopsctl() {
    local line candidates=()
    # Words without bash's own splitting at '=' and ':'.
    local typed="${COMP_LINE:0:COMP_POINT}" words
    read -ra words <<<"$typed"
    [[ $typed == *' ' ]] && words+=("")
    local current="${words[${#words[@]} - 1]}"
    while IFS=$'\t' read -r line _; do
        [[ $line == "$current"* ]] && candidates+=("$line")
    done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
    # Readline replaces only what follows its last break character.
    local kept="${current%"${current##*[=:]}"}"
    [[ $COMP_WORDBREAKS == *[=:]* && -n $kept ]] && candidates=("${candidates[@]#"$kept"}")
    COMPREPLY=("${candidates[@]}")
    # "deployment/" goes on with a name: no blank behind it.
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o default -F _gitopsctl gitopsctl
