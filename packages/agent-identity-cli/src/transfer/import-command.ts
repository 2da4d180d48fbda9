import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from 'agent-identity-core/http';
import { printable } from 'agent-identity-core/terminal';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { readInputText } from '../program/read-input-text.js';
import { type ReservedSecretFile, reserveSecretFile } from '../program/write-secret-file.js';
import { type FoundIdentity, findIdentities } from './find-identities.js';

/** Creates the command `import`. */
export function createImportCommand(io: CommandIo): Command {
  return new Command('import')
    .description(
      'Finds the agent identities in a file: a JWT, a record, an auth.json, several accounts in one file, in whatever wrapping. Says ' +
        'what it recognised, and with --out writes each to a file of its own for --jwt-file or --record-file.',
    )
    .argument('[file]', 'the file; standard input by default')
    .option('-o, --out <folder>', 'write each identity to a new file in this folder')
    .addHelpText('after', help)
    .action(async (file: string | undefined, options: { readonly out?: string }, command: Command) => {
      const { text } = await readInputText(file, io);
      await printResult(io, command, await importIdentities(text, options.out));
    });
}

async function importIdentities(text: string, folder: string | undefined): Promise<CommandResult> {
  const { found, flawed } = findIdentities(text);
  if (found.length === 0) {
    const [first] = flawed;
    const got = first === undefined ? 'none' : `one with ${printable(first.flaw)}`;
    throw commandLineError('unrecognized_input', `expected an agent identity, got ${got}`);
  }
  const files = folder === undefined ? [] : await writeAll(found, folder);
  const identities = found.map(({ form, place, agentRuntimeId, accountId }, i) => ({
    ...{ form, place, agent_runtime_id: agentRuntimeId, account_id: accountId },
    ...(files[i] !== undefined && { file: files[i] }),
  }));
  const lines = [
    ...identities.map(({ form, place, agent_runtime_id, account_id, file }) =>
      [form.padEnd(6), agent_runtime_id, account_id, place, file === undefined ? '' : `-> ${file}`]
        .filter((part) => part !== '')
        .map(printable)
        .join('  '),
    ),
    ...flawed.map(({ form, place, flaw }) => printable(`${form.padEnd(6)}  not usable: ${flaw}  ${place}`)),
  ];
  return { json: { identities, not_usable: flawed }, text: lines.join('\n') };
}

/** Writes all of them, or none if one cannot be written. */
async function writeAll(found: readonly FoundIdentity[], folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    const code = systemErrorCode(error) ?? 'unknown reason';
    throw commandLineError('unwritable_file', `${folder}: it cannot be created (${code})`);
  });
  const paths = fileNamesOf(found).map((name) => join(folder, name));
  const files: ReservedSecretFile[] = [];
  try {
    for (const path of paths) files.push(await reserveSecretFile(path));
    for (const [index, { identity }] of found.entries()) {
      await files[index]?.write(
        typeof identity === 'string' ? `${identity}\n` : `${JSON.stringify(identity)}\n`,
      );
    }
  } finally {
    for (const file of files) await file.discard();
  }
  return paths;
}

/** Ids come from the file, and may be anything; one may be there twice. Some file systems do not tell case. */
function fileNamesOf(found: readonly FoundIdentity[]): string[] {
  const used = new Set<string>();
  return found.map(({ form, agentRuntimeId }, index) => {
    let name = agentRuntimeId;
    let next = index + 1;
    while (!/^[\w-][\w.-]{0,127}$/.test(name) || used.has(name.toLowerCase())) name = `identity-${next++}`;
    used.add(name.toLowerCase());
    return `${name}.${form === 'jwt' ? 'jwt' : 'json'}`;
  });
}

const help = `
To use one of them: agent-identity login --record-file FILE, or run, curl and header with --record-file FILE.

Examples:
  $ agent-identity import accounts.json
  $ agent-identity import accounts.json --out identities`;
