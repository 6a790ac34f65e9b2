import type { Command } from 'commander';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';

/** `gatewright completion`: a script that knows every command and option; it starts nothing when a key is pressed. */
export const completion: Run = async (session, input) => {
  const shell = input.argument(0);
  const script = { bash, zsh, fish }[shell];
  if (script === undefined) throw usageError(`There is completion for bash, zsh and fish, not for ${shell}.`);
  session.out.json({ shell, script: script(placesOf(session.program)) });
  if (!session.out.isJson) session.out.raw(script(placesOf(session.program)));
  return EXIT.done;
};

/** A place of the command line: the words so far, and what may follow. */
interface Place {
  readonly words: string;
  readonly next: readonly { readonly name: string; readonly summary: string }[];
}

function placesOf(command: Command, words: readonly string[] = [], globals: Place['next'] = []): Place[] {
  const own = command.options.flatMap(({ long, short, description }) => {
    const name = long ?? short;
    return name === undefined || name === null ? [] : [{ name, summary: description }];
  });
  const isTop = words.length === 0;
  const children = command.commands.map((child) => ({ name: child.name(), summary: child.description() }));
  const shared = isTop ? own : globals;
  const place = {
    words: words.join(' '),
    next: [...children, ...own, ...(isTop ? [] : globals), { name: '--help', summary: 'show help' }],
  };
  return [place, ...command.commands.flatMap((child) => placesOf(child, [...words, child.name()], shared))];
}

function bash(places: readonly Place[]): string {
  const cases = places.map(({ words, next }) => `    '${words}') next='${next.map(({ name }) => name).join(' ')}' ;;`);
  return `# gatewright completion for bash: source <(gatewright completion bash)
_gatewright() {
  local word words='' next='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in -*) continue ;; esac
    case "\${words:+$words }$word" in ${places
      .filter(({ words }) => words !== '')
      .map(({ words }) => `'${words}'`)
      .join('|')}) words="\${words:+$words }$word" ;; esac
  done
  case $words in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _gatewright gatewright
`;
}

function zsh(places: readonly Place[]): string {
  const item = ({ name, summary }: Place['next'][number]) =>
    `'${name.replaceAll(':', '\\:')}:${summary.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
  const cases = places.map(({ words, next }) => `    '${words}') next=(${next.map(item).join(' ')}) ;;`);
  return `#compdef gatewright
# gatewright completion for zsh: source <(gatewright completion zsh)
_gatewright() {
  local word here='' i
  local -a next
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case $word in -*) continue ;; esac
    case "\${here:+$here }$word" in ${places
      .filter(({ words }) => words !== '')
      .map(({ words }) => `'${words}'`)
      .join('|')}) here="\${here:+$here }$word" ;; esac
  done
  case $here in
${cases.join('\n')}
  esac
  _describe gatewright next || _files
}
compdef _gatewright gatewright
`;
}

function fish(places: readonly Place[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = places.flatMap(({ words, next }) =>
    next.map(({ name, summary }) => {
      const when =
        words === ''
          ? '__fish_use_subcommand'
          : words
              .split(' ')
              .map((word) => `__fish_seen_subcommand_from ${word}`)
              .join('; and ');
      const what = name.startsWith('--') ? `-l ${name.slice(2)}` : `-a ${name}`;
      return `complete -c gatewright -n ${quote(when)} ${what} -d ${quote(summary)}`;
    }),
  );
  return `# gatewright completion for fish\n${lines.join('\n')}\n`;
}
