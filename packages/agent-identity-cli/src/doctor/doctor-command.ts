import { printable, stylesOf } from 'agent-identity-core/terminal';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import { CommandEnded } from '../program/command-ended.js';
import type { CommandIo } from '../program/command-io.js';
import { addIdentityOptions } from '../session/identity-options.js';
import { checkPermissions } from './check-files.js';
import { checkLogin } from './check-login.js';
import { checkRun, type RunOptions } from './check-run.js';
import type { Finding } from './finding.js';
import { observeClock } from './observe-clock.js';

/** Creates the command `doctor`. */
export function createDoctorCommand(io: CommandIo): Command {
  return addIdentityOptions(new Command('doctor'))
    .description(
      'Tries everything that a run needs: reads the login as the Codex client would and says which credentials win, checks ' +
        'permissions, verifies a JWT, registers a task, compares the clock with those of the servers, and sends a signed request if there ' +
        'is a URL. For each problem, it says how to mend it. Exits with the code of the first problem.',
    )
    .option('--url <url>', 'send a signed GET request there')
    .addHelpText('after', help)
    .action(async (options: RunOptions, command: Command) => {
      if (options.url !== undefined && !URL.canParse(options.url)) {
        throw commandLineError('invalid_argument', '--url: expected an absolute URL');
      }
      const isJson = command.opts()['json'] === true;
      const findings: Finding[] = [];
      for await (const finding of examine(options, io)) {
        findings.push(finding);
        if (!isJson) await io.write(formatFinding(finding, io));
      }
      if (isJson) await io.write(`${JSON.stringify({ findings: findings.map(toJson) }, null, 2)}\n`);
      const problem = findings.find(({ ok }) => !ok)?.problem;
      if (problem !== undefined) throw new CommandEnded(problem.exitCode);
    });
}

async function* examine(options: RunOptions, io: CommandIo): AsyncGenerator<Finding, void> {
  const observer = observeClock(io);
  const observed: CommandIo = { ...io, fetch: observer.fetch };
  const { jwtFile, recordFile } = options;
  const files = [jwtFile, recordFile].filter((file) => file !== undefined && file !== '-');
  if (jwtFile !== undefined || recordFile !== undefined) yield* await checkPermissions(files as string[]);
  else if (!(yield* checkLogin(options, observed))) return;
  yield* checkRun(options, observed);
  const clock = observer.finding();
  if (clock !== undefined) yield clock;
}

function formatFinding({ check, ok, message, problem }: Finding, io: CommandIo): string {
  const { good, bad, note } = stylesOf(io);
  const line = `${ok ? good('ok     ') : bad('problem')}  ${check.padEnd(12)} ${printable(message)}\n`;
  return problem === undefined ? line : `${line}         ${note(`${problem.code}: ${problem.remedy}`)}\n`;
}

function toJson({ check, ok, message, problem }: Finding): object {
  return {
    check,
    ok,
    message,
    ...(problem && { code: problem.code, remedy: problem.remedy, exit_code: problem.exitCode }),
  };
}

const help = `
Examples:
  $ agent-identity doctor
  $ agent-identity doctor --url https://api.example.com/v1/models --json`;
