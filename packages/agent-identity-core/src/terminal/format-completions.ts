/** An option of a command, for completions. */
export interface CompletionOption {
  /** Such as `--json`. */
  readonly long: string;
  readonly takesValue: boolean;
  readonly summary: string;
}

/** A command with its subcommands, for completions. The outermost one is the program. */
export interface CompletionCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletionOption[];
  readonly commands: readonly CompletionCommand[];
}

/** A shell that completions can be written for. */
export type CompletionShell = 'bash' | 'zsh' | 'fish';

/** A command, and the words that lead to it: none for the program, ` audit` or ` audit list` below it. */
interface Place {
  readonly at: string;
  readonly command: CompletionCommand;
}

/**
 * Formats a script that makes a shell complete the commands and options of a program.
 *
 * @example
 * ```ts
 * import { formatCompletions } from 'agent-identity-core/terminal';
 *
 * const show = { name: 'show', summary: 'show something', options: [], commands: [] };
 * const script = formatCompletions({ name: 'example', summary: '', options: [], commands: [show] }, 'bash');
 * ```
 */
export function formatCompletions(program: CompletionCommand, shell: CompletionShell): string {
  return formats[shell](program.name, placesOf(program, ''));
}

function placesOf(command: CompletionCommand, at: string): Place[] {
  const below = command.commands.flatMap((each) => placesOf(each, `${at} ${each.name}`));
  return [{ at, command }, ...below];
}

/** A text in single quotes, in all three shells. */
const quoted = (text: string) => `'${text.replaceAll("'", '’')}'`;

const functionOf = (program: string) => `_${program.replaceAll('-', '_')}`;

/** The subcommands, or the options of a command that has none. */
function wordsOf({ commands, options }: CompletionCommand): string {
  const words = commands.length > 0 ? commands.map(({ name }) => name) : options.map(({ long }) => long);
  return words.join(' ');
}

/** The pattern of all words that lead from one command to the next. */
const stepsOf = (places: readonly Place[], separator: string) =>
  places
    .slice(1)
    .map(({ at }) => quoted(at))
    .join(separator);

const formats: Readonly<Record<CompletionShell, (program: string, places: readonly Place[]) => string>> = {
  bash: (program, places) => `${functionOf(program)}() {
  local at='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
      ${stepsOf(places, '|')}) at="$at $word" ;;
    esac
  done
  case "$at" in
${places.map(({ at, command }) => `    ${quoted(at)}) words=${quoted(wordsOf(command))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F ${functionOf(program)} ${program}
`,
  zsh: (program, places) => `#compdef ${program}
${functionOf(program)}() {
  local at='' word
  for word in \${words[2,CURRENT-1]}; do
    case "$at $word" in
      (${stepsOf(places, '|')}) at="$at $word" ;;
    esac
  done
  case "$at" in
${places.map(({ at, command }) => `    (${quoted(at)}) compadd -- ${wordsOf(command)} ;;`).join('\n')}
  esac
  _files
}
compdef ${functionOf(program)} ${program}
`,
  fish: (program, places) => `function ${functionOf(program)}_is_at
  set -l at ''
  set -l words (commandline -opc)
  set -e words[1]
  for word in $words
    switch "$at $word"
      case ${stepsOf(places, ' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
${places
  .flatMap((place) => fishLines(program, place))
  .map((line) => `${line}\n`)
  .join('')}`,
};

function fishLines(program: string, { at, command }: Place): string[] {
  const start = `complete -c ${program} -n "${functionOf(program)}_is_at ${quoted(at)}"`;
  const commands = command.commands.map(
    ({ name, summary }) => `${start} -f -a ${name} -d ${quoted(summary)}`,
  );
  const options = command.options.map(
    ({ long, takesValue, summary }) =>
      `${start} -l ${long.slice(2)}${takesValue ? ' -r' : ''} -d ${quoted(summary)}`,
  );
  return [...commands, ...options];
}
