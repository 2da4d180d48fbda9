import {
  auditLeafHash,
  type LogReader,
  parseUnverifiedCheckpoint,
  proveConsistency,
  proveInclusion,
} from 'agent-identity-authority-core/log';
import { Command, InvalidArgumentError } from 'commander';
import { readCheckpoint } from '../audit-log/read-checkpoint.js';
import { programError } from '../errors.js';
import type { CommandIo } from './command-io.js';
import { addSettings } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

export function createAuditProveCommand(io: CommandIo): Command {
  return addSettings(new Command('prove'), 'target')
    .summary('prove that the log contains an entry')
    .description(
      'Prints the entry, the checkpoint and the inclusion proof as JSON. verifyInclusion of agent-identity-authority-core/log checks ' +
        'them without the authority.',
    )
    .argument('<entry>', 'the index of the entry', parseIndex)
    .action(async (index: number, _options: object, command: Command) => {
      const proof = await withAdminClient(command, io, ({ log }) => prove(log, index));
      await io.write(`${JSON.stringify(proof, null, 2)}\n`);
    });
}

async function prove(log: LogReader, index: number) {
  const checkpoint = await requireCheckpoint(log);
  const { size } = parseUnverifiedCheckpoint(checkpoint);
  const proof = await proveInclusion(index, size, log.readTile);
  const [entry = new Uint8Array()] = await log.readEntries(index, 1);
  return {
    index,
    entry: new TextDecoder().decode(entry),
    leaf_hash: toBase64(auditLeafHash(entry)),
    checkpoint,
    proof: proof.map(toBase64),
  };
}

export function createAuditConsistencyCommand(io: CommandIo): Command {
  return addSettings(new Command('consistency'), 'target')
    .summary('prove that nothing before a checkpoint was changed')
    .description(
      'Prints two checkpoints and the consistency proof between them as JSON. verifyConsistency of agent-identity-authority-core/log ' +
        'checks them without the authority.',
    )
    .argument('<old>', 'an earlier checkpoint: a file or a URL')
    .argument('[new]', 'a later checkpoint; the current one by default')
    .action(async (old: string, later: string | undefined, _options: object, command: Command) => {
      const first = await readCheckpoint(old, io.fetch);
      const given = later === undefined ? undefined : await readCheckpoint(later, io.fetch);
      const printed = await withAdminClient(command, io, async ({ log }) => {
        const second = given ?? (await requireCheckpoint(log));
        const [from, to] = [parseUnverifiedCheckpoint(first).size, parseUnverifiedCheckpoint(second).size];
        const proof = await proveConsistency(from, to, log.readTile);
        return { first, second, proof: proof.map(toBase64) };
      });
      await io.write(`${JSON.stringify(printed, null, 2)}\n`);
    });
}

async function requireCheckpoint(log: LogReader): Promise<string> {
  const checkpoint = await log.readCheckpoint();
  if (checkpoint === undefined) throw programError('audit_log_broken', 'the audit log has no entries yet');
  return checkpoint;
}

function parseIndex(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a number');
  return Number(text);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
