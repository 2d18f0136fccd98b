# fish completion of gitopsctl: asks the program itself. Install in ~/.config/fish/completions, or:
# gitopsctl completion fish | source
function __gitopsctl_complete
    set -l words (commandline -opc) (commandline -ct)
    command $words[1] __complete -- $words[2..-1] 2>/dev/null
end
complete -c gitopsctl -f -a '(__gitopsctl_complete)'
