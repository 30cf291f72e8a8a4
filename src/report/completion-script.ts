/** What makes a shell ask `kn-rollout __complete` for the words that can come next, in lines. */
const scripts = {
  bash: [
    '# bash completion of kn-rollout: source <(kn-rollout completion bash)',
    '_kn_rollout() {',
    '  local line=${COMP_LINE:0:COMP_POINT} words=() word head row',
    '  read -ra words <<<"$line"',
    "  [[ $line == *[[:space:]] ]] && words+=('')",
    '  while ((${#words[@]} > 1)) && [[ ${words[0]} != "$1" ]]; do words=("${words[@]:1}"); done',
    '  word=${words[${#words[@]} - 1]}',
    '  # bash takes = @ and : for ends of words, and replaces only $2.',
    '  head=${word%"$2"}',
    '  COMPREPLY=()',
    '  while IFS= read -r row; do',
    "    row=${row%%$'\\t'*}",
    '    COMPREPLY+=("${row#"$head"}")',
    '  done < <("$1" __complete -- "${words[@]:1}" 2>/dev/null)',
    '  if [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace 2>/dev/null; fi',
    '  return 0',
    '}',
    'complete -o default -F _kn_rollout kn-rollout',
  ],
  zsh: [
    '#compdef kn-rollout',
    '# zsh completion of kn-rollout, behind compinit: source <(kn-rollout completion zsh)',
    '_kn_rollout() {',
    '  local row',
    '  local -a rows suffix',
    '  for row in ${(f)"$(${(Q)words[1]} __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)"}; do',
    "    rows+=(\"${${row%%$'\\t'*}//:/\\\\:}:${row#*$'\\t'}\")",
    '  done',
    '  if (( $#rows == 0 )); then',
    '    _files',
    '    return',
    '  fi',
    "  [[ ${rows[1]%%:*} == *= ]] && suffix=(-S '')",
    '  _describe -V kn-rollout rows "${suffix[@]}"',
    '}',
    'if [[ ${funcstack[1]} == _kn_rollout ]]; then _kn_rollout "$@"; else compdef _kn_rollout kn-rollout; fi',
  ],
  fish: [
    '# fish completion of kn-rollout: kn-rollout completion fish | source',
    'function __kn_rollout_complete',
    '    set -l words (commandline --tokenize --cut-at-cursor --current-process)',
    '    set -l current (commandline --current-token --cut-at-cursor)',
    '    set -l rows ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)',
    '    if test (count $rows) -eq 0',
    '        __fish_complete_path "$current"',
    '    else',
    "        printf '%s\\n' $rows",
    '    end',
    'end',
    "complete --command kn-rollout --no-files --keep-order --arguments '(__kn_rollout_complete)'",
  ],
} as const

export type Shell = keyof typeof scripts

export const shells = Object.keys(scripts) as readonly Shell[]

/** The completion script of a shell. */
export function completionScript(shell: Shell): string {
  return `${scripts[shell].join('\n')}\n`
}
