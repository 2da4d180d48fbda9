import { verifyLog } from 'agent-identity-authority-core/log';
import { isAgentIdentityError } from 'agent-identity-core';
import { Command } from 'commander';
import { folderLogReader } from '../audit-log/folder-log.js';
import { readCheckpoint } from '../audit-log/read-checkpoint.js';
import { programError } from '../errors.js';
import type { CommandIo } from './command-io.js';
import { addSettings } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface VerifyOptions {
  readonly checkpoint?: string;
  readonly verifierKey?: string;
}

export function createAuditVerifyCommand(io: CommandIo): Command {
  return addSettings(new Command('verify'), 'target')
    .summary('find changed, missing, added or reordered entries')
    .description(
      'Reads the whole audit log, of an authority or of an exported folder, and recomputes its Merkle tree. Prints a report, and ' +
        'fails if anything was changed.',
    )
    .argument('[folder]', 'a log that audit export wrote, which needs no authority')
    .option('--checkpoint <file or url>', 'a checkpoint of an earlier time, kept elsewhere')
    .option('--verifier-key <key>', 'for a folder: the key of the log, as verify prints it')
    .addHelpText('after', help)
    .action(async (folder: string | undefined, options: VerifyOptions, command: Command) => {
      const { checkpoint: source } = options;
      const checkpoint = source === undefined ? undefined : await readCheckpoint(source, io.fetch);
      if (folder !== undefined) return verifyFolder(io, folder, options.verifierKey, checkpoint);
      const report = await withAdminClient(command, io, (client) => client.verifyAuditLog({ checkpoint }));
      await io.write(`${JSON.stringify(report, null, 2)}\n`);
      if (!report.intact) throw programError('audit_log_broken', 'the audit log was changed');
    });
}

async function verifyFolder(
  io: CommandIo,
  folder: string,
  verifierKey: string | undefined,
  earlierCheckpoint: string | undefined,
): Promise<void> {
  if (verifierKey === undefined) {
    throw programError(
      'invalid_configuration',
      '--verifier-key: expected the key of the log with a folder, got none',
    );
  }
  try {
    const { origin, size } = await verifyLog(folderLogReader(folder), { verifierKey, earlierCheckpoint });
    await io.write(`${JSON.stringify({ intact: true, origin, entries: size }, null, 2)}\n`);
  } catch (error) {
    if (!isAgentIdentityError(error, 'invalid_log_proof', 'invalid_log_entry', 'invalid_checkpoint'))
      throw error;
    throw programError('audit_log_broken', `the exported log was changed: ${error.message}`);
  }
}

const help = `
Someone who has the key of the log can also write a consistent log. Keep the checkpoint of each verification elsewhere, and
pass it to the next one.

Examples:
  $ agent-identity-authority audit verify --checkpoint checkpoint-of-last-week
  $ agent-identity-authority audit verify exported-log --verifier-key 'agent-identity-authority/1f…+8ad7…+AVx…'`;
