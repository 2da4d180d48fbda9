import { printable, stylesOf } from 'agent-identity-core/terminal';
import { Command } from 'commander';
import { fileVariable, type ReadConfiguration } from '../configuration/read-configuration.js';
import { checkAuthority } from '../doctor/check-authority.js';
import { checkPorts } from '../doctor/check-ports.js';
import { checkSecretFiles } from '../doctor/check-secret-files.js';
import { checkStore } from '../doctor/check-store.js';
import { checkTokens } from '../doctor/check-tokens.js';
import { type Finding, failed, passed } from '../doctor/finding.js';
import { CommandEnded } from './command-ended.js';
import type { CommandIo } from './command-io.js';
import { addJson } from './print-list.js';
import { addSettings, readCommandConfiguration } from './setting-options.js';

/** Creates the command `doctor`. */
export function createDoctorCommand(io: CommandIo): Command {
  return addJson(addSettings(new Command('doctor'), 'all'))
    .summary('find what is wrong with an authority, and say how to mend it')
    .description(
      'Checks everything that an authority needs, and changes nothing: the settings, who can read the files with secrets, tokens ' +
        'and rules and the keys of their issuers, the ports, the store with its schema, clock, signing keys and audit log. With --url, it asks ' +
        'a running authority instead. For each problem, it says how to mend it. Exits with the code of the first problem; warnings do not count.',
    )
    .option('--offline', 'do not fetch the keys of OpenID providers')
    .addHelpText('after', help)
    .action(async (options: DoctorOptions, command: Command) => {
      let exitCode: number | undefined;
      for await (const finding of examine(options, command, io)) {
        await io.write(options.json ? `${JSON.stringify(toJson(finding))}\n` : format(finding, io));
        if (finding.level === 'problem') exitCode ??= finding.problem?.exitCode;
      }
      if (exitCode !== undefined) throw new CommandEnded(exitCode);
    });
}

interface DoctorOptions {
  readonly offline?: true;
  readonly json?: true;
}

async function* examine(
  { offline }: DoctorOptions,
  command: Command,
  io: CommandIo,
): AsyncGenerator<Finding, void> {
  let read: ReadConfiguration;
  try {
    read = await readCommandConfiguration(command, io);
  } catch (error) {
    yield failed('settings', error);
    return;
  }
  yield passed('settings', 'they are valid');
  const file: unknown = command.opts()['config'] ?? io.environment[fileVariable];
  yield* checkSecretFiles(read, typeof file === 'string' ? file : undefined);
  const { configuration } = read;
  if (configuration.url !== undefined) {
    yield* await checkAuthority(command, io);
    return;
  }
  yield* checkTokens(configuration, io, offline ? 'offline' : 'online');
  yield* checkPorts(configuration, io);
  yield* checkStore(configuration, io);
}

const words: Readonly<Record<Finding['level'], string>> = {
  ok: 'ok',
  warning: 'warning',
  problem: 'problem',
};

function format({ check, level, message, problem }: Finding, io: CommandIo): string {
  const { good, bad, title, note } = stylesOf(io);
  const style = { ok: good, warning: title, problem: bad }[level];
  const line = `${style(words[level].padEnd(7))}  ${check.padEnd(12)} ${printable(message)}\n`;
  return problem === undefined ? line : `${line}         ${note(`${problem.code}: ${problem.remedy}`)}\n`;
}

function toJson({ check, level, message, problem }: Finding): object {
  return {
    check,
    level,
    message,
    ...(problem && { code: problem.code, remedy: problem.remedy, exit_code: problem.exitCode }),
  };
}

const help = `
Examples:
  $ agent-identity-authority doctor --config /etc/agent-identity-authority.toml
  $ agent-identity-authority doctor --url https://authority.example --administrators-token-file admin.token --json`;
