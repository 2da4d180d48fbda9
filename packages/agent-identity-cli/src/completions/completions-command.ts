import { Argument, Command } from 'commander';
import type { CommandEntry } from '../program/command-entry.js';
import type { CommandIo } from '../program/command-io.js';

interface Completion {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly {
    readonly long: string;
    readonly takesValue: boolean;
    readonly about: string;
  }[];
}

/** Creates the command `completions` for these commands. */
export function createCompletionsCommand(io: CommandIo, commandTable: readonly CommandEntry[]): Command {
  return new Command('completions')
    .description('Prints a script that makes a shell complete commands and options.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', help)
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const commands = await Promise.all(
        commandTable.map(async ({ name, summary, load }) => ({
          name,
          summary,
          options: readOptions(await load(io)),
        })),
      );
      await io.write(formats[shell](commands));
    });
}

function readOptions(command: Command): Completion['options'] {
  const own = command.options.map(({ long, required, description }) => ({
    long: long ?? '',
    takesValue: required,
    about: description,
  }));
  return [...own, { long: '--json', takesValue: false, about: 'print JSON, also for errors' }];
}

const words = (texts: readonly string[]) => texts.join(' ');
const longNames = ({ options }: Completion) => words(options.map(({ long }) => long));
/** A text in single quotes, in all three shells. */
const quoted = (text: string) => `'${text.replaceAll("'", '’')}'`;

const formats: Readonly<Record<'bash' | 'zsh' | 'fish', (commands: readonly Completion[]) => string>> = {
  bash: (commands) => `_agent_identity() {
  local words=${quoted(words(commands.map(({ name }) => name)))}
  case \${COMP_WORDS[1]} in
${commands.map((each) => `    ${each.name}) words=${quoted(longNames(each))} ;;`).join('\n')}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words=${quoted(words(commands.map(({ name }) => name)))}
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _agent_identity agent-identity
`,
  zsh: (commands) => `#compdef agent-identity
_agent_identity() {
  if (( CURRENT == 2 )); then
    compadd -- ${words(commands.map(({ name }) => name))}
    return
  fi
  case $words[2] in
${commands.map((each) => `    ${each.name}) compadd -- ${longNames(each)} ;;`).join('\n')}
  esac
  _files
}
compdef _agent_identity agent-identity
`,
  fish: (commands) =>
    commands
      .flatMap(({ name, summary, options }) => [
        `complete -c agent-identity -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
        ...options.map(
          ({ long, takesValue, about }) =>
            `complete -c agent-identity -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)}${takesValue ? ' -r' : ''} -d ${quoted(about)}`,
        ),
      ])
      .map((line) => `${line}\n`)
      .join(''),
};

const help = `
Examples:
  $ source <(agent-identity completions bash)
  $ agent-identity completions fish > ~/.config/fish/completions/agent-identity.fish`;
