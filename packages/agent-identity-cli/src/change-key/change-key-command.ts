import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateAgentKey, isAgentIdentityError, readAgentKey } from 'agent-identity-core';
import { systemErrorCode } from 'agent-identity-core/http';
import { printable } from 'agent-identity-core/terminal';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import type { RegistrationErrorDetails } from 'agent-identity-registry';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { readTextFile } from '../program/read-input-text.js';
import { writeSecretFile } from '../program/write-secret-file.js';
import { parseRecord, requireAuthapiBaseUrl } from '../session/identity-options.js';

interface ChangeKeyOptions {
  readonly recordFile: string;
  readonly endTasks?: true;
  readonly authapiBaseUrl?: string;
}

/** Creates the command `change-key`. */
export function createChangeKeyCommand(io: CommandIo): Command {
  return new Command('change-key')
    .description(
      'Changes the key of the identity in a record: makes a new key, has the old and the new one sign, and replaces the record. The agent ' +
        'keeps its id. The new record is saved beside the old one first, as FILE.new: if the command is interrupted, run it again, and it ' +
        'goes on. The authority must be one of this project.',
    )
    .requiredOption('--record-file <file>', 'the record')
    .option('--end-tasks', 'end the tasks of the agent, for an old key that others may know')
    .option('--authapi-base-url <url>', 'the authority [CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL]')
    .addHelpText('after', help)
    .action(async (options: ChangeKeyOptions, command: Command) => {
      await printResult(io, command, await changeKey(options, io));
    });
}

async function changeKey(options: ChangeKeyOptions, io: CommandIo): Promise<CommandResult> {
  const { recordFile, endTasks = false } = options;
  if (recordFile === '-') {
    throw commandLineError(
      'invalid_argument',
      '--record-file: expected a file to replace, got standard input',
    );
  }
  const { changeAgentKey, isRegistrationError, readAgentIdentity } = await import('agent-identity-registry');
  const authapiBaseUrl = requireAuthapiBaseUrl(options.authapiBaseUrl, io);
  const identity = readAgentIdentity(parseRecord(await readTextFile(recordFile, io)));
  const newFile = `${recordFile}.new`;
  const saved = await readSaved(newFile, identity.agentRuntimeId, io);
  const newKey = saved === undefined ? generateAgentKey() : readAgentKey(saved.agent_private_key);
  // The key must not change before the new one is saved.
  if (saved === undefined) {
    // Without a task: the next run registers one, so the record is right whether the tasks end or not.
    const { task_id, ...record } = { ...identity.record, agent_private_key: newKey.toPkcs8Base64() };
    await writeSecretFile(newFile, `${JSON.stringify(record)}\n`);
  }
  const effects = { fetch: io.fetch, clock: io.clock };
  try {
    await changeAgentKey(identity, { authapiBaseUrl, newKey, endTasks }, effects);
  } catch (error) {
    // Only an error before the request, and a refusal of the only attempt, show that the runtime has kept its key. Otherwise the
    // next run asks again with the same key.
    const isUnsent = isAgentIdentityError(error) && !isRegistrationError(error);
    const isRefused = isRegistrationError(error) && error.attempts === 1 && isRefusal(error);
    if (saved === undefined && (isUnsent || isRefused)) await rm(newFile, { force: true });
    throw error;
  }
  await replace(newFile, recordFile);
  const { agentRuntimeId } = identity;
  const publicKey = newKey.publicKey.ssh;
  return {
    json: {
      agent_runtime_id: agentRuntimeId,
      agent_public_key: publicKey,
      tasks_ended: endTasks,
      file: recordFile,
    },
    text: `${printable(agentRuntimeId)} has the key ${publicKey}: ${printable(recordFile)}`,
  };
}

/** Whether the authority itself refused: a proxy on the way may answer anything. */
function isRefusal({ status = 0, serverError }: RegistrationErrorDetails): boolean {
  return status >= 400 && status < 500 && serverError !== undefined;
}

/** The record of a change that was interrupted; `undefined` if there is none. */
async function readSaved(
  path: string,
  agentRuntimeId: string,
  io: CommandIo,
): Promise<AgentIdentityRecord | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw commandLineError('unreadable_file', `${path}: it cannot be read (${systemErrorCode(error)})`);
  });
  if (file === undefined) return undefined;
  await file.close();
  const record = parseRecord(await readTextFile(path, io));
  if (record?.agent_runtime_id === agentRuntimeId) return record;
  throw commandLineError(
    'unwritable_file',
    `${path}: it exists and is no record of ${printable(agentRuntimeId)}`,
  );
}

/** Replaces the record, so that it is the new one also after a loss of power. */
async function replace(newFile: string, recordFile: string): Promise<void> {
  await rename(newFile, recordFile).catch((error: unknown) => {
    const code = systemErrorCode(error) ?? 'unknown reason';
    throw commandLineError(
      'unwritable_file',
      `${recordFile}: it cannot be replaced (${code}); the key has changed, and the record is ${newFile}`,
    );
  });
  const folder = await open(dirname(recordFile), 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

const help = `
Examples:
  $ agent-identity change-key --record-file record.json
  $ agent-identity change-key --record-file record.json --end-tasks`;
