import { printable } from 'agent-identity-core/terminal';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { Command, Option } from 'commander';
import { commandLineError } from '../errors.js';
import { readStoredCredentials } from '../login/stored-login.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { writeSecretFile } from '../program/write-secret-file.js';
import { codexHomeOption } from '../session/identity-options.js';

const forms = ['jwt', 'record', 'auth-json'] as const;

interface ExportOptions {
  readonly form?: (typeof forms)[number];
  readonly out?: string;
  readonly reveal?: true;
  readonly codexHome?: string;
}

/** Creates the command `export`. */
export function createExportCommand(io: CommandIo): Command {
  return new Command('export')
    .description(
      'Writes the agent identity of the login to a new file with mode 0600: as it is, or in another form. Whoever has the file acts as ' +
        'the agent.',
    )
    .addOption(codexHomeOption())
    .addOption(new Option('--form <form>', 'the form; that of the login by default').choices(forms))
    .option('-o, --out <file>', 'where to write it; an existing file is never overwritten')
    .option('--reveal', 'print it instead of writing it to a file')
    .addHelpText('after', help)
    .action(async (options: ExportOptions, command: Command) => {
      await printResult(io, command, await exportIdentity(options, io));
    });
}

async function exportIdentity(
  { form, out, reveal, codexHome }: ExportOptions,
  io: CommandIo,
): Promise<CommandResult> {
  if ((out === undefined) === (reveal === undefined)) {
    throw commandLineError('invalid_argument', 'expected one of --out and --reveal');
  }
  const identity = await readIdentity(codexHome, io);
  const chosen = form ?? (typeof identity === 'string' ? 'jwt' : 'record');
  const text = await format(identity, chosen);
  if (out === undefined) return { json: { form: chosen, identity: text }, text };
  await writeSecretFile(out, `${text}\n`);
  return { json: { form: chosen, file: out }, text: `${chosen}: ${printable(out)}` };
}

/** **Secret.** The JWT or the record of the login. */
async function readIdentity(
  codexHome: string | undefined,
  io: CommandIo,
): Promise<string | AgentIdentityRecord> {
  const { authFile, credentials } = await readStoredCredentials(codexHome, io);
  if (credentials.kind === 'agentIdentityJwt') return credentials.jwt();
  if (credentials.kind === 'agentIdentityRecord') return credentials.record();
  throw commandLineError(
    credentials.kind === 'none' ? 'no_credentials' : 'unsupported_credentials',
    `${authFile}: expected an agent identity, got ${credentials.kind}`,
  );
}

async function format(identity: string | AgentIdentityRecord, form: (typeof forms)[number]): Promise<string> {
  if (form === 'auth-json') return (await import('chatgpt-auth')).formatAuthJson(identity);
  if (typeof identity !== 'string') {
    if (form === 'record') return JSON.stringify(identity);
    throw commandLineError(
      'unsupported_credentials',
      'the login is a record: only its authority makes a JWT of it',
    );
  }
  if (form === 'jwt') return identity;
  const { decodeUnverifiedAgentIdentityJwt, recordFromClaims } = await import('agent-identity-jwt');
  return JSON.stringify(recordFromClaims(decodeUnverifiedAgentIdentityJwt(identity)));
}

const help = `
Examples:
  $ agent-identity export --out agent.json --form auth-json
  $ agent-identity export --reveal --form record | ssh host agent-identity login --record-file -`;
