import { RiptideError } from "../../core/errors.ts";
import type { Run } from "../command.ts";

/** `riptide completion bash|zsh|fish` */
export const run: Run = async ({ io, given }) => {
  const [shell = ""] = given.words;
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined) {
    throw new RiptideError(
      "usage",
      shell === "" ? "which shell?" : `no completion for the shell "${shell}"`,
      {
        hint: "riptide completion bash, zsh or fish",
      },
    );
  }
  await io.stdout.write(script);
  return 0;
};

/** Bash takes `:` and `=` for ends of words, which models and flags hold: words are put together, and cut again. */
const BASH = String.raw`# bash completion of riptide
_riptide() {
  local -a words=()
  local word glue='' last current='' line
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    last=$((\${#words[@]} - 1))
    if [[ $last -ge 0 && ( -n $glue || $word == [:=] ) ]]; then
      words[last]+=$word
    else
      words+=("$word")
    fi
    glue=''
    [[ $word == [:=] ]] && glue=yes
  done
  current=\${words[\${#words[@]} - 1]}
  local shown=\${current%"\${current##*[:=]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${current##*=}")
      return
    fi
    line=\${line%%$'\t'*}
    COMPREPLY+=("\${line#"$shown"}")
  done < <(riptide __complete -- "\${words[@]}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace 2>/dev/null
}
complete -F _riptide riptide
`;

const ZSH = String.raw`#compdef riptide
# zsh completion of riptide
_riptide() {
  local -a lines values
  local line word text
  lines=("\${(@f)$(riptide __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == :files ]]; then
    _files
    return
  fi
  for line in $lines; do
    word=\${\${line%%$'\t'*}//:/\\:} text=\${line#*$'\t'}
    [[ -n $word ]] && values+=("$word\${text:+:$text}")
  done
  _describe -t riptide riptide values
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _riptide riptide
`;

const FISH = String.raw`# fish completion of riptide
function __riptide_complete
  set -l tokens (commandline -opc) (commandline -ct)
  set -e tokens[1]
  set -l lines (riptide __complete -- $tokens 2>/dev/null)
  if test "$lines[1]" = ":files"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\n' $lines
  end
end
complete -c riptide -f -a '(__riptide_complete)'
`;

const SCRIPTS: Readonly<Record<string, string>> = { bash: plain(BASH), zsh: plain(ZSH), fish: FISH };

/** In a template `$` before a brace has to be escaped. */
function plain(script: string): string {
  return script.replaceAll("\\${", "${");
}
